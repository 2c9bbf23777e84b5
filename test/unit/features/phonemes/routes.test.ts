import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createFrontEnd, type ReadToken } from '../../../../src/text/frontend.ts';
import { Warnings } from '../../../../src/text/warnings.ts';
import { koreanSymbols } from '../../../fixtures/korean-symbols.ts';
import { buildDictionary } from '../../../fixtures/lexicon.ts';
import { TONE_MODEL, toneEngine } from '../../../fixtures/tone-engine.ts';

interface Reading {
  language: string;
  normalized: string;
  phonemes: string;
  sentences: { words: Record<string, unknown>[] }[];
  warnings: { code: string; position?: { offset: number } }[];
}

let app: ReturnType<typeof createApp>;

beforeAll(() => {
  const frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: koreanSymbols() });
  const sora = { ...TONE_MODEL.voices[0], id: 'sora', language: 'ko' };
  const { engine } = toneEngine({ model: () => ({ ...TONE_MODEL, voices: [...TONE_MODEL.voices, sora] }) });
  app = createApp({
    access: 'off',
    createEncoder: () => {
      throw new Error('no audio is made');
    },
    engine: {
      ...engine,
      async read({ input, language, pronunciations, strict }) {
        const warnings = new Warnings({ text: input, strict });
        const tokens: ReadToken[] = [];
        const onToken = (token: ReadToken) => tokens.push(token);
        frontEnd.analyze(input, { language, pronunciations, unreadable: 'skip', warnings, onToken });
        return { tokens, warnings: warnings.list() };
      },
    },
  });
});

async function post(
  body: unknown,
): Promise<{ status: number; body: Reading & { error?: { code: string; param: string } } }> {
  const answer = await app.request('/v1/audio/phonemes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

describe('POST /v1/audio/phonemes', () => {
  test('returns the words, the rule and the position of each', async () => {
    const { status, body } = await post({ input: 'Dr. Lee paid $5. Really?' });
    expect(status).toBe(200);
    expect(body.normalized).toBe('doctor lee paid five dollars. really?');
    expect(body.sentences).toHaveLength(2);
    const [doctor, , , five] = body.sentences[0].words;
    expect(doctor).toMatchObject({
      text: 'doctor',
      source: 'Dr.',
      start: 0,
      end: 3,
      rule: 'abbreviation',
      from: 'dictionary',
    });
    expect(five).toMatchObject({
      text: 'five',
      source: '$5',
      start: 13,
      end: 15,
      rule: 'money',
      phonemes: 'fˈaɪv',
    });
    expect(body.sentences[1].words[0]).toMatchObject({ pause: '?' });
    expect(body.warnings).toEqual([]);
  });

  test('states the language of each word, and that of the text: of the request, the voice or most words', async () => {
    const { body } = await post({ input: '안녕하세요. 반갑습니다. Hello.' });
    expect(body.language).toBe('ko');
    expect(body.sentences.map(({ words }) => words[0].language)).toEqual(['ko', 'ko', 'en']);
    expect((await post({ input: 'Hello. 안녕하세요.', language: 'en-US' })).body.language).toBe('en-US');
    expect((await post({ input: '3', voice: 'sora' })).body).toMatchObject({
      language: 'ko',
      normalized: '삼',
    });
    expect((await post({ input: '3', voice: { clara: 0.2, sora: 0.8 } })).body.language).toBe('ko');
    expect((await post({ input: '3', voice: 'nobody' })).body).toMatchObject({
      language: 'en',
      normalized: 'three',
    });
    expect((await post({ input: '3', voice: 5 })).status).toBe(400);
  });

  test('states the source of heteronyms, pronunciations and letters', async () => {
    const { body } = await post({ input: 'I read the FBI sori', pronunciations: { sori: 'ˈsɔɹi' } });
    const from = body.sentences.flatMap(({ words }) => words.map((word) => [word.text, word.from]));
    expect(from).toEqual([
      ['i', 'dictionary'],
      ['read', 'heteronym'],
      ['the', 'dictionary'],
      ['f', 'letter'],
      ['b', 'letter'],
      ['i', 'letter'],
      ['sori', 'override'],
    ]);
  });

  test('returns text that can be spoken as phonemes', async () => {
    const first = await post({ input: 'The courtship of a good shepherd, in 1905.' });
    const { phonemeText } = await import('../../../../src/text/phoneme-input.ts');
    const second = await post({ input: phonemeText(first.body.phonemes) });
    expect(second.body.phonemes).toBe(first.body.phonemes);
  });

  test('warns about characters without a spoken form with their positions, and refuses them in strict mode', async () => {
    const input = 'Say Привет and שלום now';
    const { body } = await post({ input });
    expect(body.warnings.map(({ code, position }) => [code, position?.offset])).toEqual([
      ['unreadable_text', 4],
      ['unreadable_text', 15],
    ]);
    const strict = await post({ input, strict: true });
    expect(strict.status).toBe(400);
    expect(strict.body.error).toMatchObject({ code: 'invalid_value', param: 'input' });
  });

  test('refuses text without anything to read, and describes it', async () => {
    const { status, body } = await post({ input: 'Привет' });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'nothing_to_speak', param: 'input' });
    expect(JSON.stringify(body.error)).toContain('Привет');
  });

  test.each([
    [{}, 'missing_required_parameter', 'input'],
    [{ input: 5 }, 'invalid_type', 'input'],
    [{ input: 'a'.repeat(5000) }, 'string_above_max_length', 'input'],
    [{ input: 'a', language: '!' }, 'invalid_value', 'language'],
    [{ input: 'a', strict: 'yes' }, 'invalid_type', 'strict'],
    [{ input: 'a', model: 'nope' }, 'unknown_model', 'model'],
  ])('%j is refused', async (body, code, param) => {
    expect((await post(body)).body.error).toMatchObject({ code, param });
  });
});

import { expect, it } from 'vitest';
import { readMasterWav } from '../../../src/audio/transcode.ts';
import { soriOf } from '../../../src/sdk/sori.ts';
import { CHUNK, toneEngine } from '../../fixtures/tone-engine.ts';

const sentence = 'The table by the window is ready for you. ';
/** Two paragraphs, 7200 characters. */
const LONG = `${sentence.repeat(100).trim()}\n\nSecond part. ${sentence.repeat(72).trim()}`;

const open = (options = {}) => {
  const { engine, requests, count } = toneEngine(options);
  return { sori: soriOf(engine, 'tone'), requests, count };
};

it('speaks with defaults, or with the fields of the API', async () => {
  const { sori, requests } = open();
  const speech = await sori.speak('Hello.');
  expect([speech.format, speech.contentType]).toEqual(['mp3', 'audio/mpeg']);
  expect((await speech.bytes()).length).toBeGreaterThan(500);
  expect(speech.cues('word').map(({ text }) => text)).toEqual(['Hello']);
  const fields = { input: 'Hello.', voice: 'cameron', speed: 1.5, response_format: 'wav' as const };
  const wav = await sori.speak(fields);
  expect(readMasterWav(await wav.bytes()).length).toBe(3 * CHUNK);
  expect(requests.at(-1)).toMatchObject({ voice: { cameron: 1 }, speed: 1.5, language: 'en-AU' });
});

it('streams the file while it is made, and stops when the reader does', async () => {
  const { sori, count } = open({ chunks: 50 });
  const { body } = await sori.speak({ input: 'Hello.', response_format: 'pcm' });
  const reader = body.getReader();
  expect((await reader.read()).value?.length).toBe(2 * CHUNK);
  await reader.cancel();
  expect(count.made).toBeLessThan(5);
  expect(count.ended).toBe(1);
});

it('yields samples as they are made', async () => {
  const { sori } = open();
  const lengths: number[] = [];
  for await (const samples of sori.samples('Hello.')) lengths.push(samples.length);
  expect(lengths).toEqual([CHUNK, CHUNK, CHUNK]);
});

it('levels telephony formats, as the server does', async () => {
  const { sori } = open({ chunks: 20 });
  const loud = async (loudness: 'off' | undefined) =>
    await (await sori.speak({ input: 'Hello.', response_format: 'mulaw', loudness })).bytes();
  expect(await loud('off')).not.toEqual(await loud(undefined));
});

it.each([
  [
    { input: 'Hi.', speed: 9 },
    { code: 'invalid_value', param: 'speed' },
  ],
  [
    { input: 'Hi.', voice: 'nobody' },
    { code: 'unknown_voice', param: 'voice' },
  ],
  [
    { input: 'Hi.', model: 'none' },
    { code: 'unknown_model', param: 'model' },
  ],
  [
    { input: 'Hi.', response_format: 'json' as 'mp3' },
    { code: 'unsupported_format', param: 'response_format' },
  ],
  [{ input: '?!' }, { code: 'nothing_to_speak', param: 'input' }],
  [
    { input: `<speak>${'Hello. '.repeat(1000)}</speak>` },
    { code: 'string_above_max_length', param: 'input' },
  ],
])('refuses %o as the server does', async (fields, fault) => {
  const { sori } = open();
  await expect(sori.speak(fields)).rejects.toMatchObject(fault);
});

it('speaks a long text piece by piece, with silence between', async () => {
  const { sori, requests } = open();
  const speech = await sori.speak({ input: LONG, response_format: 'wav', speed: 2 });
  const samples = readMasterWav(await speech.bytes());
  // Every piece is requested twice: to plan its length, then to speak it.
  const texts = requests.slice(requests.length / 2).map(({ input }) => input);
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.every((text) => text.length <= 1200 && text.endsWith('.'))).toBe(true);
  expect(texts.join(' ').replace(/\s+/g, ' ')).toBe(LONG.replace(/\s+/g, ' '));
  // 400 ms after a sentence and 700 ms after a paragraph, at twice the speed.
  const pauses = (texts.length - 2) * 4800 + 8400;
  expect(samples.length).toBe(texts.length * 3 * CHUNK + pauses);
  const cues = speech.cues('word');
  expect(cues.map(({ text }) => text).join(' ')).toBe(LONG.replace(/[.\s]+/g, ' ').trim());
  expect(cues.every(({ span, text }) => LONG.slice(span.start, span.end).includes(text))).toBe(true);
  expect(cues.every(({ start_ms }, i) => i === 0 || start_ms >= cues[i - 1].start_ms)).toBe(true);
  expect(cues.at(-1)!.end_ms).toBeLessThanOrEqual(samples.length / 24);
});

it('validates all of a long text before the first sound, and reports positions of faults', async () => {
  const place = LONG.indexOf('\n\n') + 2;
  const warning = { code: 'unreadable_text', message: 'x', param: 'input' };
  const { sori, count } = open({
    warnings: ({ input }: { input: string }) =>
      input.startsWith('Second') ? [{ ...warning, position: { offset: 4, line: 1, column: 5 } }] : [],
  });
  const { warnings } = await sori.speak({ input: LONG });
  expect(count.made).toBe(0);
  expect(warnings.map(({ position }) => position)).toContainEqual({ offset: place + 4, line: 3, column: 5 });
});

import { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { parseGeneration } from '../../../src/features/generation/index.ts';
import { parseJob } from '../../../src/features/jobs/request.ts';
import { parseNewKey, parseRotation } from '../../../src/features/keys/schema.ts';
import { parsePrompt } from '../../../src/features/prompts/faults.ts';
import { parseSinging } from '../../../src/features/singing/request.ts';
import { readJsonScore } from '../../../src/features/singing/score/json.ts';
import { parseSpeech } from '../../../src/features/speech/index.ts';
import { lenient, refuseUnknown, unknownFields } from '../../../src/http/bodies/lenient.ts';
import { switchOf, wordOf } from '../../../src/http/bodies/words.ts';

describe('a value is read by its schema', () => {
  const schema = z.object({
    number: z.number().min(1).refine(Number.isInteger).optional(),
    list: z.array(z.enum(['one', 'two'])).default([]),
    either: z.union([z.number(), z.literal('off'), z.object({ at: z.number() })]).optional(),
    text: z.string().optional(),
    nothing: z.number().nullable().optional(),
    unknown: z.unknown().optional(),
    weights: z.record(z.string(), z.number()).optional(),
    pair: z.tuple([z.number(), z.boolean()]).optional(),
    mode: z.preprocess((value) => value, z.enum(['a', 'b'])).optional(),
  });
  it.each<[object, object]>([
    [{ number: ' +1e1 ' }, { number: 10 }],
    [{ number: 'ten' }, { number: 'ten' }],
    [{ number: '' }, { number: '' }],
    [{ number: '0x10' }, { number: '0x10' }],
    [{ number: null, unknown: null, list: null }, {}],
    [{ nothing: null }, { nothing: null }],
    [{ list: ['ONE', 'three', 'two'] }, { list: ['one', 'three', 'two'] }],
    [{ either: 'OFF' }, { either: 'off' }],
    [{ either: '-2.5' }, { either: -2.5 }],
    [{ either: { at: '3' } }, { either: { at: 3 } }],
    [{ either: 'loud' }, { either: 'loud' }],
    [{ text: '12' }, { text: '12' }],
    [{ weights: { a: '.5' } }, { weights: { a: 0.5 } }],
    [{ pair: ['1', 'TRUE', 'x'] }, { pair: [1, true, 'x'] }],
    [{ mode: 'B' }, { mode: 'b' }],
    [
      { other: null, __proto__x: '1' },
      { other: null, __proto__x: '1' },
    ],
  ])('%j', (given, read) => expect(lenient(schema, given)).toEqual(read));

  it.each([undefined, null, 5, 'text', [1]])('%j is no object and stays', (given) => {
    expect(lenient(schema, given)).toEqual(given);
  });
});

/** The value with its numbers and switches as strings, its words in capitals where `shouted` names them, and `null` for `absent` fields. */
function asOthersWrite(value: unknown, shouted: readonly string[]): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return shouted.includes(value) ? value.toUpperCase() : value;
  if (Array.isArray(value)) return value.map((one) => asOthersWrite(one, shouted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asOthersWrite(one, shouted)]));
}

const notes = [
  { pitch: 60, duration: 1.5, lyric: 'la', breath: true, vibrato: { depth: 20 } },
  { rest: true, duration: 1 },
];
const score = { unit: 'seconds', parts: [{ notes, gain: -3, bend: [{ at: 0, cents: 50 }] }] };

describe('every JSON body may have numbers as strings, null and any case', () => {
  it.each<[string, (body: unknown) => unknown, Record<string, unknown>, string[], string[]]>([
    [
      'speech',
      parseSpeech,
      {
        input: 'a',
        speed: 1.1,
        strict: true,
        emotion: { happy: 0.5 },
        response_format: 'wav',
        loudness: 'off',
      },
      ['wav', 'off'],
      ['seed', 'voice'],
    ],
    [
      'prompts',
      parsePrompt,
      {
        template: 'Table {n}.',
        slots: { n: { range: [1, 3] } },
        voice: 'hazel',
        speed: 1.1,
        formats: ['mp3', 'opus'],
        locales: { 'en-GB': { pitch: -2, unreadable: 'skip' } },
        render: 'joined',
      },
      ['mp3', 'opus', 'skip', 'joined'],
      ['description', 'tags', 'emotion', 'input'],
    ],
    [
      'jobs',
      parseJob,
      {
        kind: 'dialogue',
        request: { model: 'sori-2' },
        speakers: { a: { voice: 'hazel' } },
        turns: [{ speaker: 'a', input: 'Hello.', pause_ms: 200 }],
      },
      ['dialogue'],
      ['webhook', 'input'],
    ],
    [
      'singing',
      parseSinging,
      { score: {}, voice: 'hazel', transpose: 'auto', breaths: -20, timestamps: ['note'], seed: 3 },
      ['auto', 'note'],
      ['score_file', 'click', 'lead_in'],
    ],
    ['scores', readJsonScore, score, ['seconds'], ['title', 'meter']],
    [
      'generations',
      parseGeneration,
      { prompt: 'rain', seconds: 4, top_k: 50, response_format: 'flac', stream_format: 'sse' },
      ['flac', 'sse'],
      ['melody', 'seed'],
    ],
    [
      'keys',
      parseNewKey,
      { name: 'ci', scopes: ['speech'], monthly_characters: 1000, rate: '60/m' },
      ['speech', '60/m'],
      ['expires_in'],
    ],
    ['rotations', parseRotation, { overlap_seconds: 60 }, [], []],
  ])('%s', (_, parse, body, words, absent) => {
    const others = {
      ...(asOthersWrite(body, words) as object),
      ...Object.fromEntries(absent.map((name) => [name, null])),
    };
    expect(parse(others)).toEqual(parse(body));
  });
});

describe('strict', () => {
  it('refuses the fields that a route does not know, and names them', () => {
    const body = { input: 'a', user: 'x', speeed: 2, nothing: null };
    expect(() => parseSpeech({ ...body, strict: 'true' })).toThrow(
      'With strict, every field must be known. These are not: "user", "speeed".',
    );
    expect(() => parseSinging({ score: {}, user: 'x', strict: true })).toThrow('"user"');
    expect(parseSpeech({ ...body, strict: false }).strict).toBe(false);
    expect(parseSinging({ score: {}, user: 'x' })).not.toHaveProperty('user');
  });

  it('names five fields at most, each shortened', () => {
    const names = unknownFields(
      { ['x'.repeat(99)]: 1, b: 1, c: 1, d: 1, e: 1, f: 1, known: 1 },
      new Set(['known']),
    );
    expect(() => refuseUnknown(names)).toThrow(`"${'x'.repeat(64)}", "b", "c", "d", "e", and 1 more.`);
    expect(() => refuseUnknown([])).not.toThrow();
  });
});

it('words and switches of forms have any case', () => {
  expect(wordOf('response_format', ' VTT ', ['srt', 'vtt'])).toBe('vtt');
  expect([switchOf('stream', 'True'), switchOf('stream', ''), switchOf('stream', undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(() => switchOf('stream', 'yes')).toThrow('stream must be one of: true, false.');
});

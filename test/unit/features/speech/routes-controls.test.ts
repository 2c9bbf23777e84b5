import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS } from '../../../../src/audio/format.ts';
import { type ErrorBody, errorSchema } from '../../../../src/http/errors.ts';
import { encodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';
import { TONE_MODEL, TONE_STYLE, toneEngine } from '../../../fixtures/tone-engine.ts';

const GOOD = { model: 'tone-1', voice: 'clara', input: 'Hello.' };
const STYLE = encodeStyleId(TONE_STYLE, TONE_MODEL.styleSpace);
const FOREIGN = encodeStyleId(TONE_STYLE, { ...TONE_MODEL.styleSpace, name: 'tone-2' });

let tone: ReturnType<typeof toneEngine>;
let app: ReturnType<typeof createApp>;

beforeEach(() => {
  tone = toneEngine();
  app = createApp({ access: 'off', engine: tone.engine, createEncoder });
});

const send = (body: string, path = '/v1/audio/speech') =>
  app.request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
const speak = (fields: object) => send(JSON.stringify({ ...GOOD, ...fields }));

async function errorOf(response: Response): Promise<ErrorBody['error']> {
  return errorSchema.strict().parse(await response.json()).error;
}

const ssml = (inside: string) => `<speak>${inside}</speak>`;

/** Fault, invalid fields, expected `code` and `param`, and a pattern of the message. */
const REFUSED: [string, object, string, string, RegExp][] = [
  ['a weight above 1', { emotion: { happy: 1.01 } }, 'invalid_value', 'emotion', /0 to 1/],
  ['a weight below 0', { emotion: { happy: -0.1 } }, 'invalid_value', 'emotion', /0 to 1/],
  ['weights above 1 in all', { emotion: { happy: 0.6, sad: 0.5 } }, 'invalid_value', 'emotion', /in all 1/],
  [
    'NaN as a weight, which JSON writes null',
    { emotion: { happy: Number.NaN } },
    'invalid_value',
    'emotion',
    /0 to 1/,
  ],
  ['a word as a weight', { emotion: { happy: 'very' } }, 'invalid_value', 'emotion', /0 to 1/],
  ['no weights', { emotion: {} }, 'invalid_value', 'emotion', /weights/],
  ['a number as emotion', { emotion: 1 }, 'invalid_type', 'emotion', /name/],
  ['an unknown emotion', { emotion: 'glee' }, 'unknown_emotion', 'emotion', /"glee".*neutral, happy, sad/],
  [
    'an unknown emotion in a mix',
    { emotion: { happy: 0.5, glee: 0.5 } },
    'unknown_emotion',
    'emotion',
    /"glee"/,
  ],
  ['an emotion named like a method', { emotion: 'constructor' }, 'unknown_emotion', 'emotion', /neutral/],
  [
    'an unknown voice in a mix',
    { voice: 'clara(2)+nobody' },
    'unknown_voice',
    'voice',
    /"nobody".*clara, hazel/,
  ],
  [
    'an unknown voice among weights',
    { voice: { clara: 0.5, nobody: 0.5 } },
    'unknown_voice',
    'voice',
    /"nobody"/,
  ],
  ['an unknown voice of weight 0', { voice: { clara: 1, nobody: 0 } }, 'unknown_voice', 'voice', /"nobody"/],
  [
    'voice weights above 1 in all',
    { voice: { clara: 0.7, hazel: 0.4 } },
    'invalid_value',
    'voice',
    /in all 1/,
  ],
  ['a negative voice weight', { voice: { clara: -1, hazel: 1 } }, 'invalid_value', 'voice', /0 to 1/],
  ['voices without weight', { voice: { clara: 0 } }, 'invalid_value', 'voice', /above 0/],
  ['a mix without weight', { voice: 'clara(0)+hazel(0)' }, 'invalid_value', 'voice', /above 0/],
  ['half a mix', { voice: 'clara(2)+' }, 'invalid_value', 'voice', /hazel\(2\)\+clara\(1\)/],
  ['an open bracket', { voice: 'clara(2' }, 'invalid_value', 'voice', /hazel\(2\)/],
  ['a negative proportion', { voice: 'clara(-1)+hazel' }, 'invalid_value', 'voice', /hazel\(2\)/],
  ['nine voices', { voice: Array(9).fill('clara').join('+') }, 'invalid_value', 'voice', /8/],
  ['alpha above 1', { alpha: 1.1 }, 'invalid_value', 'alpha', /0 to 1/],
  ['beta below 0', { beta: -0.1 }, 'invalid_value', 'beta', /0 to 1/],
  ['"NaN" as alpha', { alpha: 'NaN' }, 'invalid_type', 'alpha', /number/],
  ['33 diffusion steps', { diffusion_steps: 33 }, 'invalid_value', 'diffusion_steps', /0 to 32/],
  ['half a diffusion step', { diffusion_steps: 2.5 }, 'invalid_value', 'diffusion_steps', /whole/],
  ['-1 diffusion steps', { diffusion_steps: -1 }, 'invalid_value', 'diffusion_steps', /0 to 32/],
  ['embedding_scale 11', { embedding_scale: 11 }, 'invalid_value', 'embedding_scale', /0 to 10/],
  ['13 semitones', { pitch: 13 }, 'invalid_value', 'pitch', /-12 to 12/],
  ['-13 semitones', { pitch: -13 }, 'invalid_value', 'pitch', /-12 to 12/],
  ['a word as pitch', { pitch: 'high' }, 'invalid_type', 'pitch', /number/],
  ['pitch_range 4', { pitch_range: 4 }, 'invalid_value', 'pitch_range', /0 to 3/],
  ['13 dB', { energy: 13 }, 'invalid_value', 'energy', /-24 to 12/],
  ['pauses 5', { pauses: 5 }, 'invalid_value', 'pauses', /0 to 4/],
  ['no style id', { style: 'calm' }, 'invalid_style', 'style', /sty_/],
  ['a cut style id', { style: STYLE.slice(0, -6) }, 'invalid_style', 'style', /style id/],
  ['a damaged style id', { style: STYLE.replace(/.{3}$/, 'AAA') }, 'invalid_style', 'style', /damaged/],
  ['a style of another model', { style: FOREIGN }, 'style_of_another_model', 'style', /tone-1/],
  ['a number as style', { style: 1 }, 'invalid_type', 'style', /sty_/],
  ['style and a mix', { style: STYLE, voice: 'clara+hazel' }, 'conflicting_parameters', 'style', /mix/],
  ['style and weights', { style: STYLE, voice: { clara: 1 } }, 'conflicting_parameters', 'style', /mix/],
  [
    'style and <voice>',
    { strict: true, style: STYLE, input: ssml('<voice name="clara">Hi.</voice>') },
    'conflicting_parameters',
    'style',
    /<voice>/,
  ],
  [
    'an emotion and <express-as>',
    { strict: true, emotion: 'sad', input: ssml('<mstts:express-as style="happy">Hi.</mstts:express-as>') },
    'conflicting_parameters',
    'emotion',
    /<express-as>/,
  ],
  [
    'timestamps of bare audio',
    { timestamps: 'word' },
    'conflicting_parameters',
    'timestamps',
    /json.*sse.*speech\.vtt/,
  ],
  [
    'marks of plain text',
    { timestamps: 'mark', response_format: 'json' },
    'conflicting_parameters',
    'timestamps',
    /<mark>/,
  ],
  [
    'an unknown unit',
    { timestamps: 'syllable', response_format: 'json' },
    'invalid_value',
    'timestamps',
    /word/,
  ],
  ['no unit', { timestamps: [], response_format: 'json' }, 'invalid_value', 'timestamps', /list/],
  ['a number as unit', { timestamps: 1, response_format: 'json' }, 'invalid_type', 'timestamps', /word/],
  [
    'audio_format without json',
    { audio_format: 'wav' },
    'conflicting_parameters',
    'audio_format',
    /response_format "json"/,
  ],
  [
    'json within json',
    { response_format: 'json', audio_format: 'json' },
    'unsupported_format',
    'audio_format',
    /mp3, opus/,
  ],
  [
    'json in events',
    { response_format: 'json', stream_format: 'sse' },
    'conflicting_parameters',
    'stream_format',
    /events/,
  ],
  [
    'a recording where they are off',
    { style: 'data:audio/wav;base64,UklGRg==' },
    'reference_styles_disabled',
    'style',
    /consent/,
  ],
];

describe('refusals', () => {
  it.each(REFUSED)('%s', async (_, fields, code, param, says) => {
    const response = await speak(fields);
    const { message, ...error } = await errorOf(response);
    expect({ status: response.status, ...error }).toEqual({
      status: code === 'reference_styles_disabled' ? 403 : 400,
      type: 'invalid_request_error',
      code,
      param,
    });
    expect(message).toMatch(says);
    expect(message).toMatch(/\.$/);
    expect(tone.requests).toEqual([]);
  });

  it('NaN is not valid JSON', async () => {
    const response = await send('{"model":"tone-1","voice":"clara","input":"a","emotion":{"happy":NaN}}');
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_json' });
  });

  it.each(['vtt', 'srt'])('are the same for %s', async (format) => {
    const post = (fields: object) =>
      send(JSON.stringify({ ...GOOD, ...fields }), `/v1/audio/speech.${format}`);
    expect(await errorOf(await post({ emotion: 'glee' }))).toMatchObject({ code: 'unknown_emotion' });
    expect(await errorOf(await post({ timestamps: 'mark' }))).toMatchObject({ param: 'timestamps' });
    const error = await errorOf(await post({ timestamps: ['word', 'phoneme'] }));
    expect(error).toMatchObject({ code: 'conflicting_parameters', param: 'timestamps' });
    expect(error.message).toMatch(/one/);
  });
});

describe('voices', () => {
  it.each<[unknown, Record<string, number>]>([
    ['hazel(2)+clara(1)', { hazel: 2 / 3, clara: 1 / 3 }],
    [' hazel (2) + clara ', { hazel: 2 / 3, clara: 1 / 3 }],
    ['hazel+clara', { hazel: 0.5, clara: 0.5 }],
    ['hazel(0.5)', { hazel: 1 }],
    ['alloy(3)+nova(1)', { hazel: 0.75, clara: 0.25 }],
    ['alloy+hazel', { hazel: 1 }],
    [
      { hazel: 0.75, clara: 0.25 },
      { hazel: 0.75, clara: 0.25 },
    ],
    [
      { hazel: 0.2, clara: 0.2 },
      { hazel: 0.5, clara: 0.5 },
    ],
    [{ hazel: 1, clara: 0 }, { hazel: 1 }],
    [{ id: 'clara' }, { clara: 1 }],
  ])('%j', async (voice, mix) => {
    expect((await speak({ voice })).status).toBe(200);
    expect(Object.keys(tone.requests[0].voice)).toEqual(Object.keys(mix));
    for (const [id, weight] of Object.entries(mix))
      expect(tone.requests[0].voice[id]).toBeCloseTo(weight, 12);
  });

  it.each([
    [{ voice: 'cameron' }, 'en-AU'],
    [{ voice: 'clara' }, 'en'],
    [{ voice: 'cameron(2)+clara' }, 'en-AU'],
    [{ voice: 'cameron+clara(2)' }, 'en'],
    [{ voice: 'cameron', language: 'en' }, 'en'],
    [{ voice: 'clara', language: 'EN-au' }, 'en-AU'],
    [{ voice: 'clara', language: 'en-NZ' }, 'en'],
  ])('%j speaks %s', async (fields, language) => {
    await speak(fields);
    expect(tone.requests[0].language).toBe(language);
  });
});

describe('emotions', () => {
  it.each<[unknown, Record<string, number>]>([
    ['happy', { happy: 1 }],
    [{ happy: 0.3 }, { happy: 0.3 }],
    [
      { happy: 0.6, sad: 0.4 },
      { happy: 0.6, sad: 0.4 },
    ],
    // 0.1 + 0.2 + 0.7 is a little below 1, 0.7 + 0.2 + 0.1 and 0.6 + 0.3 + 0.1 are not exactly 1 either.
    [
      { neutral: 0.7, happy: 0.2, sad: 0.1 },
      { neutral: 0.7, happy: 0.2, sad: 0.1 },
    ],
  ])('%j', async (emotion, weights) => {
    expect((await speak({ emotion })).status).toBe(200);
    expect(tone.requests[0].emotion).toEqual(weights);
  });
});

describe('styles', () => {
  it('replace the voice; a voice that is named too gives the language only', async () => {
    expect((await speak({ style: STYLE, voice: undefined })).status).toBe(200);
    expect((await speak({ style: STYLE, voice: 'cameron' })).status).toBe(200);
    const [alone, named] = tone.requests;
    for (const request of [alone, named]) {
      expect(request.voice).toEqual({});
      expect(Array.from(request.style!)).toEqual(Array.from(TONE_STYLE, (value) => expect.closeTo(value, 3)));
    }
    expect([alone.language, named.language]).toEqual(['en', 'en-AU']);
  });

  it('accept text that only looks like a voice element', async () => {
    const inside = '<!-- <voice name="clara"> --><![CDATA[<voice name="clara">]]>Hi.';
    expect((await speak({ style: STYLE, input: ssml(inside) })).status).toBe(200);
    expect((await speak({ style: STYLE, input: 'A <voice name="x"> in plain text.' })).status).toBe(200);
  });
});

it('plans the exact length beforehand only for a WAV file inside JSON', async () => {
  const cases: [object, boolean][] = [
    ...AUDIO_FORMATS.map((response_format): [object, boolean] => [{ response_format }, false]),
    [{ response_format: 'wav', stream_format: 'sse' }, false],
    [{ response_format: 'json' }, false],
    [{ response_format: 'json', audio_format: 'wav' }, true],
  ];
  for (const [fields] of cases) expect((await speak(fields)).status).toBe(200);
  expect(tone.requests.map(({ exactLength }) => exactLength)).toEqual(cases.map(([, exact]) => exact));
});

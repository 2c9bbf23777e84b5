import { describe, expect, it } from 'vitest';
import { recognizeAtOrigin } from '../../../../src/features/transcription/recognize-at-origin.ts';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';

const SEGMENT = {
  id: 0,
  seek: 0,
  start: 0,
  end: 1.5,
  text: ' good day',
  tokens: [1, 2],
  temperature: 0,
  avg_logprob: -0.2,
  compression_ratio: 1.1,
  no_speech_prob: 0.01,
};
const MODELS = {
  data: [
    { id: 'sori-2', task: 'speech' },
    { id: 'whisper', task: 'transcription' },
  ],
};
const recording = { bytes: Uint8Array.of(1, 2, 3), param: 'files[0]' };

/** An origin that answers with a status and a body for each path, and the requests that it received. */
function originOf(answers: Readonly<Record<string, readonly [status: number, body: object]>>) {
  const asked: string[] = [];
  const pool = new OriginPool({
    origins: [{ url: 'http://origin.test', weight: 1 }],
    sign: async () => ({}),
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      const answer = answers[pathname];
      if (answer === undefined) throw new TypeError('connection refused');
      const id = new Headers(init.headers).get('x-request-id') ?? '';
      const headers = { 'Content-Type': 'application/json', 'x-request-id': id };
      return new Response(JSON.stringify(answer[1]), { status: answer[0], headers });
    },
  });
  const recognize = (signal = new AbortController().signal) =>
    recognizeAtOrigin(pool, recording, { caller: 'key_1', signal });
  return { asked, pool, recognize };
}
const fault = (code: string, param: string | null = null) => ({ error: { code, message: code, param } });

describe('an edge without a recognizer', () => {
  it('has its origin transcribe, and asks for the models once', async () => {
    const origin = originOf({
      '/v1/models': [200, MODELS],
      '/v1/audio/transcriptions': [200, { segments: [SEGMENT] }],
    });
    const { id: _, seek: __, avg_logprob, compression_ratio, no_speech_prob, ...same } = SEGMENT;
    const expected = {
      ...same,
      averageLogProbability: avg_logprob,
      compressionRatio: compression_ratio,
      noSpeechProbability: no_speech_prob,
    };
    expect(await origin.recognize()).toEqual([expected]);
    expect(await origin.recognize()).toEqual([expected]);
    expect(origin.asked.filter((path) => path === '/v1/models')).toHaveLength(1);
  });

  it('sends no recording to an origin without one, which stays in use', async () => {
    const origin = originOf({ '/v1/models': [200, { data: [{ id: 'sori-2', task: 'speech' }] }] });
    expect(await origin.recognize()).toBeUndefined();
    expect(origin.asked).not.toContain('/v1/audio/transcriptions');
    expect(origin.pool.up).toBe(true);
  });

  it.each([
    ['none answers', {}],
    ['one ends before it has transcribed', { '/v1/models': [200, MODELS] }],
    [
      'one has lost its model',
      { '/v1/models': [200, MODELS], '/v1/audio/transcriptions': [503, fault('model_unavailable')] },
    ],
    [
      'one sends something else',
      { '/v1/models': [200, MODELS], '/v1/audio/transcriptions': [200, { text: 'good day' }] },
    ],
  ] as const)('checks no words where %s', async (_, answers) => {
    expect(await originOf(answers).recognize()).toBeUndefined();
  });

  it.each([
    ['invalid_reference', 400],
    ['queue_full', 503],
  ])('passes %s on, with its own name of the recording', async (code, status) => {
    const origin = originOf({
      '/v1/models': [200, MODELS],
      '/v1/audio/transcriptions': [status, fault(code, 'file')],
    });
    await expect(origin.recognize()).rejects.toMatchObject({ code, param: 'files[0]' });
  });

  it('ends with its request', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(originOf({ '/v1/models': [200, MODELS] }).recognize(signal)).rejects.toThrow('gone');
  });
});

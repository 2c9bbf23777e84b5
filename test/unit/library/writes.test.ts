import { describe, expect, it, vi } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { ADMIN_KEY, accessApp, SPEECH } from '../../support/apps/access-app.ts';

/** A library whose store fails the first `failures` writes. */
function failing(failures: number) {
  const store = memoryStore();
  let left = failures;
  const library = createAudioLibrary({
    createEncoder,
    retryAfterMs: [0, 0],
    store: {
      ...store,
      putIfAbsent: async (...write) => {
        if (left-- > 0) throw new Error('The bucket is away.');
        return await store.putIfAbsent(...write);
      },
    },
  });
  return { library };
}

describe('speech that was streamed while it was made', () => {
  it('is stored when a write succeeds at the second or third attempt', async () => {
    const { library } = failing(2);
    const { send } = await accessApp({ library });
    const made = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    expect(made.status).toBe(200);
    const address = made.headers.get('content-location') ?? '';
    expect((await send('GET', address)).length).toBe(made.length);
    const { text } = await send('GET', '/metrics', ADMIN_KEY);
    expect(text).toMatch(/^sori_audio_writes_retried_total 2$/m);
    expect(text).toMatch(/^sori_audio_lost_total 0$/m);
  });

  it('is counted and logged when no write succeeds, and charged all the same', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { library } = failing(Number.POSITIVE_INFINITY);
    const { send, makeKey } = await accessApp({ library });
    const { key } = await makeKey({ monthlyCharacters: SPEECH.input.length });
    expect((await send('POST', '/v1/audio/speech', key, SPEECH)).status).toBe(200);
    expect((await send('GET', '/metrics', ADMIN_KEY)).text).toMatch(/^sori_audio_lost_total 1$/m);
    expect(log.mock.calls.flat().join()).toContain('storage_unavailable');
    expect(log.mock.calls.flat().join()).not.toContain(SPEECH.input);
    log.mockRestore();
    expect((await send('POST', '/v1/audio/speech', key, { ...SPEECH, seed: 1 })).status).toBe(429);
  });

  it('is synthesized again at its URL, and stored once storing works again', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    // A master and its MP3 are each tried three times, in two requests.
    const { library } = failing(6);
    const { send, app, tone } = await accessApp({ library });
    const made = await app.request('/v1/audio/speech', {
      method: 'POST',
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(SPEECH),
    });
    const bytes = await made.bytes();
    const address = made.headers.get('content-location') ?? '';
    const stored = () => expect(library.flights.find(address.slice(7, 71))).toBeUndefined();
    await vi.waitFor(stored);
    expect(library.writes?.lost).toBe(1);
    for (const [cache, spoken] of [
      ['miss', 2],
      ['miss', 3],
      ['hit', 3],
    ] as const) {
      const again = await app.request(address);
      expect([again.status, again.headers.get('x-cache')]).toEqual([200, cache]);
      expect(await again.bytes()).toEqual(bytes);
      await vi.waitFor(stored);
      expect(tone.count.spoken).toBe(spoken);
    }
    expect((await send('GET', address.replace(/[0-9a-f]{4}/, '0000'))).status).toBe(404);
    log.mockRestore();
  });
});

import { expect, it } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { SAMPLE_RATE } from '../../../src/audio/samples.ts';
import { sha256Hex } from '../../../src/base/sha256.ts';
import { HotAudio } from '../../../src/library/hot-audio.ts';
import type { Master } from '../../../src/library/library.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { CHUNK, toneEngine } from '../../fixtures/tone-engine.ts';

/** A library that notes what it is given to store, and what it gives to its store. */
function noting() {
  const store = memoryStore();
  const given: { name: string; bytes: Uint8Array; size: number; sha256?: string; own: string }[] = [];
  const masters: Master[] = [];
  const library = createAudioLibrary({
    createEncoder,
    store: {
      ...store,
      async putIfAbsent(name, bytes, meta, sha256) {
        if (bytes instanceof Uint8Array)
          given.push({ name, bytes, size: bytes.length, sha256, own: await sha256Hex(bytes) });
        return await store.putIfAbsent(name, bytes, meta, sha256);
      },
    },
  });
  const { admit } = library;
  library.admit = async (key, master, ...rest) => {
    masters.push(master);
    await admit(key, master, ...rest);
  };
  return { store, given, masters, library };
}

async function speakAndStore(seconds: number, response_format: string) {
  const noted = noting();
  const { library } = noted;
  const { engine } = toneEngine({ chunks: (seconds * SAMPLE_RATE) / CHUNK });
  const app = createApp({ access: 'off', engine, createEncoder, library });
  const answer = await app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'tone-1', voice: 'clara', input: 'Hello there.', response_format }),
  });
  const bytes = await answer.bytes();
  const location = answer.headers.get('content-location') ?? '';
  await library.flights.find(location.slice(7, 71))?.whole(new AbortController().signal);
  return { ...noted, bytes, file: location.slice(7) };
}

it.each(['wav', 'flac', 'mulaw-wav'])(
  'speech of 20 s as %s: its samples and files are freed once stored',
  async (format) => {
    const { given, masters, store, bytes, file } = await speakAndStore(20, format);
    expect(given.length).toBe(format === 'wav' ? 1 : 2);
    for (const { name, bytes, size } of given) {
      const kept = size <= HotAudio.MAX_BYTES;
      expect(bytes.length, name).toBe(kept ? size : 0);
    }
    expect(given.some(({ size }) => size > HotAudio.MAX_BYTES)).toBe(true);
    expect(masters.map(({ samples }) => samples.length)).toEqual([0]);
    // What was stored and sent is whole.
    const stored = await new Response((await store.get(file))?.body).bytes();
    expect(Buffer.compare(stored, bytes)).toBe(0);
  },
);

it('a short file stays in memory for the next request, and its SHA-256 is computed once', async () => {
  const { given, library, bytes, file } = await speakAndStore(1, 'mp3');
  const audio = await library.open(file.slice(0, 64), 'mp3');
  expect(audio?.body).toBe(given[1].bytes);
  expect(Buffer.compare(given[1].bytes, bytes)).toBe(0);
  for (const { sha256, own } of given) expect(sha256).toBe(own);
  // Nobody has asked for the master.
  expect(given[0].bytes.length).toBe(0);
});

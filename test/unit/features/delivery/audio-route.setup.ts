import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import type { EdgeCache } from '../../../../src/library/edge-cache.ts';
import { HotAudio } from '../../../../src/library/hot-audio.ts';
import type { AudioStore } from '../../../../src/library/store.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { keyOf, META, pattern } from '../../../contract/audio/audio-store.contract.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';

/** Has short audio, as MP3. */
export const KEY = keyOf('a');
/** Has long audio, as WAV. */
export const LONG = keyOf('b');
export const SHORT_BYTES = pattern(1000);
/** More bytes than audio in memory may have. */
export const LONG_BYTES = pattern(HotAudio.MAX_BYTES + 1000);

/** An app over a store with two recordings, and a record of its calls to the store. */
export async function setUp({
  edgeCache,
  store = memoryStore(),
}: {
  edgeCache?: EdgeCache;
  store?: AudioStore;
} = {}) {
  await store.putIfAbsent(`${KEY}.mp3`, SHORT_BYTES, META);
  await store.putIfAbsent(`${LONG}.wav`, LONG_BYTES, META);
  const asked: string[] = [];
  const watched: AudioStore = {
    ...store,
    head(name) {
      asked.push('head');
      return store.head(name);
    },
    get(name, range) {
      asked.push(range ? `get ${range.offset}+${range.length}` : 'get');
      return store.get(name, range);
    },
  };
  const library = createAudioLibrary({ store: watched, createEncoder });
  const { engine } = toneEngine();
  const app = createApp({ access: 'off', engine, createEncoder, library, edgeCache });
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    Promise.resolve(app.request(`http://sori.test${path}`, { method, headers }));
  return { app, asked, get, library, store };
}

/** All bytes of an answer. */
export const bytes = async (response: Response) => new Uint8Array(await response.arrayBuffer());

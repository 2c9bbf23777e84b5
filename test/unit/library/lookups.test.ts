import { expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';

const KEY = '0'.repeat(64);

it('a miss costs one read for the format and one for the master, and masters have a size limit', async () => {
  const memory = memoryStore();
  const calls: string[] = [];
  const store: AudioStore = {
    ...memory,
    head: (name) => {
      calls.push(`head ${name}`);
      return memory.head(name);
    },
    get: (name, range) => {
      calls.push(`get ${name}`);
      return memory.get(name, range);
    },
  };
  const library = createAudioLibrary({ store, createEncoder, longestMaster: 1000 });
  expect(await library.open(KEY, 'mp3')).toBeNull();
  expect(calls).toEqual([`get ${KEY}.mp3`, `get ${KEY}.wav`]);
});

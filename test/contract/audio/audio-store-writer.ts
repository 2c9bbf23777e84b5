/** Fills the store of files named on the command line, until it is killed; audio-store.test.ts runs it. */
import { fileStore } from '../../../src/library/stores/files.ts';

const store = fileStore(process.argv[2]);
const meta = {
  model: 'sori-2@2.0.0',
  voice: 'hazel',
  samples: 1,
  long: false,
  characters: 1,
  telephonyLoudness: null,
  loudness: null,
};
for (let i = 0; ; i++) {
  const name = `${String(i).padStart(64, '0')}.wav`;
  await store.putIfAbsent(name, new Uint8Array(4 * 1024 * 1024).fill(i), meta);
  process.stdout.write('x');
}

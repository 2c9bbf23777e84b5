/**
 * Builds src/audio/codecs/mp3.wasm from LAME's source and the C beside its README. Needs emcc (emscripten) and tar.
 * Usage: `npm run lame:build -- lame-3.100.tar.gz`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CODECS = resolve(import.meta.dirname, '../src/audio/codecs');
const OWN = join(CODECS, 'lame');
const SHA256 = 'ddfe36cab873794038ae2c1210557ad34857a4b6bdc515785d1da9e175b1da1e';
/** Bytes of memory at the start: static data and the stack. The rest is heap, which grows by itself. */
const MEMORY = { initial: 6 * 65_536, stack: 2 * 65_536 } as const;

const [archive] = process.argv.slice(2);
if (archive === undefined) throw new Error('usage: npm run lame:build -- lame-3.100.tar.gz');
const hash = createHash('sha256')
  .update(await readFile(archive))
  .digest('hex');
if (hash !== SHA256) throw new Error(`${archive} is not LAME 3.100: its SHA-256 is ${hash}`);

const work = await mkdtemp(join(tmpdir(), 'sori-lame-'));
try {
  execFileSync('tar', ['-xzf', resolve(archive), '-C', work, '--strip-components=1']);
  const library = join(work, 'libmp3lame');
  await cp(join(work, 'include'), join(work, 'headers/lame'), { recursive: true });
  const sources = (await readdir(library))
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(library, name));
  const settings = [
    'STANDALONE_WASM',
    'MALLOC=emmalloc',
    'ALLOW_MEMORY_GROWTH',
    `INITIAL_MEMORY=${MEMORY.initial}`,
    `TOTAL_STACK=${MEMORY.stack}`,
    'EXPORTED_FUNCTIONS=_malloc,_free',
  ];
  execFileSync(
    'emcc',
    [
      ...['-O3', '-msimd128', '-w', '-DNDEBUG', '-DHAVE_CONFIG_H'],
      ...[OWN, join(work, 'headers'), join(work, 'include'), library].map((folder) => `-I${folder}`),
      ...[...sources, join(OWN, 'encoder.c')],
      ...['--no-entry', ...settings.map((setting) => `-s${setting}`)],
      ...['-o', join(CODECS, 'mp3.wasm')],
    ],
    { stdio: 'inherit' },
  );
} finally {
  await rm(work, { recursive: true, force: true });
}

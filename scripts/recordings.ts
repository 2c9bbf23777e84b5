/**
 * Builds src/audio/codecs/recordings.wasm from the Rust beside it. Needs cargo with the target wasm32-unknown-unknown
 * (`rustup target add wasm32-unknown-unknown`).
 */
import { execFileSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const CODECS = join(ROOT, 'src/audio/codecs');
const CRATE = join(CODECS, 'recordings');
const TARGET = join(tmpdir(), 'sori-recordings');
/** Bytes of memory: a damaged file can't ask for more than an isolate has. */
const MAX_MEMORY = 64 * 2 ** 20;
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals'];

const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim();
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
// Messages of a crash hold paths: these say nothing of the machine that built it.
const paths = [
  [cargoHome, '/cargo'],
  [CRATE, '/recordings'],
  [sysroot, '/rust'],
].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
const flags = [`-C link-arg=--max-memory=${MAX_MEMORY}`, ...paths];
const build = ['build', '--release', '--locked', '--target', 'wasm32-unknown-unknown'];
execFileSync('cargo', build, {
  cwd: CRATE,
  env: { ...process.env, CARGO_TARGET_DIR: TARGET, RUSTFLAGS: flags.join(' ') },
  stdio: 'inherit',
});
const built = join(TARGET, 'wasm32-unknown-unknown/release/sori_recordings.wasm');
const optimize = ['-Oz', '--strip-debug', '--strip-producers', ...FEATURES.map((name) => `--enable-${name}`)];
execFileSync('wasm-opt', [...optimize, built, '-o', join(CODECS, 'recordings.wasm')], { stdio: 'inherit' });

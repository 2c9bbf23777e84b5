/**
 * Builds src/audio/codecs/recordings.wasm and aac.wasm from the Rust beside them. Needs wasm-opt (binaryen) and cargo with the target
 * wasm32-unknown-unknown (`rustup target add wasm32-unknown-unknown`).
 */
import { execFileSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface CodecCrate {
  /** Folder of the crate and name of the module. */
  readonly name: string;
  /** Bytes of memory, so that a damaged file cannot ask for more than an isolate has. */
  readonly maxMemory: number;
  /** Flags of rustc. */
  readonly flags: readonly string[];
  /** What wasm-opt optimizes for. */
  readonly optimize: '-Oz' | '-O3';
}

const CODECS = resolve(import.meta.dirname, '../src/audio/codecs');
const CRATES: readonly CodecCrate[] = [
  { name: 'recordings', maxMemory: 64 * 2 ** 20, flags: [], optimize: '-Oz' },
  { name: 'aac', maxMemory: 32 * 2 ** 20, flags: ['-C target-feature=+simd128'], optimize: '-O3' },
];
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'simd'];

const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim();
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
for (const { name, maxMemory, flags, optimize } of CRATES) {
  const crate = join(CODECS, name);
  const target = join(tmpdir(), `sori-${name}`);
  // Crash messages contain paths. These do not reveal the machine that built it.
  const paths = [
    [cargoHome, '/cargo'],
    [crate, `/${name}`],
    [sysroot, '/rust'],
  ].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  execFileSync('cargo', ['build', '--release', '--locked', '--target', 'wasm32-unknown-unknown'], {
    cwd: crate,
    env: {
      ...process.env,
      CARGO_TARGET_DIR: target,
      RUSTFLAGS: [`-C link-arg=--max-memory=${maxMemory}`, ...flags, ...paths].join(' '),
    },
    stdio: 'inherit',
  });
  const built = join(target, `wasm32-unknown-unknown/release/sori_${name}.wasm`);
  const enabled = FEATURES.map((feature) => `--enable-${feature}`);
  const options = [optimize, '--strip-debug', '--strip-producers', ...enabled];
  execFileSync('wasm-opt', [...options, built, '-o', join(CODECS, `${name}.wasm`)], { stdio: 'inherit' });
}

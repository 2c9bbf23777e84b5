/** Bundles the studio page into `assets/studio`. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'assets/studio');
const RUNTIME = join(ROOT, 'node_modules/onnxruntime-web');
/** Browsers of 2023 on, which have module workers and import maps. */
const BROWSERS = ['es2022', 'chrome111', 'firefox114', 'safari16.4'];

/** The page's scripts: the page, and what runs beside it. */
const SCRIPTS = {
  app: 'studio/app.tsx',
  analysis: 'studio/analysis/worker.ts',
  tab: 'studio/tab/worker.ts',
  recorder: 'studio/recorder/worklet.ts',
  offline: 'studio/offline/service-worker.ts',
};

/** Files that are copied beside the scripts. */
const COPIES = { 'kernel.wasm': join(ROOT, 'src/synthesis/vocoder/kernel/kernel.wasm') };

/** onnxruntime-web's runtimes. They are stored compressed: one is larger than the 25 MiB that Cloudflare takes for a file. */
const RUNTIMES = {
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
  plain: 'ort-wasm-simd-threaded.wasm',
};

/** zod brings its messages in fifty languages, of which none is shown here. */
const ENGLISH_ONLY: Plugin = {
  name: 'english-only',
  setup(builder) {
    builder.onResolve({ filter: /locales\/index\.js$/ }, ({ resolveDir, path }) =>
      resolveDir.includes('/zod/')
        ? { path: join(resolveDir, path.replace('index.js', 'en.js')) }
        : undefined,
    );
  },
};

/** Names and bytes of what was built. */
export type BuiltFiles = ReadonlyMap<string, number>;

/**
 * Builds the page. Files that have not changed are left alone, so that it can run while a server serves the folder.
 * @throws esbuild's error, whose message shows the place.
 */
export async function buildStudio(): Promise<BuiltFiles> {
  await mkdir(TARGET, { recursive: true });
  const { version } = JSON.parse(await readFile(join(RUNTIME, 'package.json'), 'utf8')) as {
    version: string;
  };
  const packed = (name: string) => `${name.replace('.wasm', '')}-${version}.wasm.gz`;
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...SCRIPTS, 'app.css': 'studio/styles/studio.css' },
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    outdir: TARGET,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: BROWSERS,
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    conditions: ['browser'],
    plugins: [ENGLISH_ONLY],
    define: {
      RUNTIME_WEBGPU: JSON.stringify(packed(RUNTIMES.webgpu)),
      RUNTIME_PLAIN: JSON.stringify(packed(RUNTIMES.plain)),
    },
    write: false,
    logLevel: 'error',
  });
  const built = new Map<string, number>();
  for (const { path, contents } of outputFiles) {
    const name = basename(path).replace('.css.css', '.css');
    await put(name, contents);
    built.set(name, contents.byteLength);
  }
  for (const [name, source] of Object.entries(COPIES)) {
    const bytes = await readFile(source);
    await put(name, bytes);
    built.set(name, bytes.byteLength);
  }
  const present = new Set(await readdir(TARGET));
  for (const name of Object.values(RUNTIMES)) {
    const target = packed(name);
    // Compressing takes seconds, and the name holds the version.
    if (!present.has(target)) {
      const bytes = await readFile(join(RUNTIME, 'dist', name));
      await put(target, await promisify(gzip)(bytes, { level: 6 }));
    }
    built.set(target, (await readFile(join(TARGET, target))).byteLength);
  }
  for (const name of present) {
    if (!built.has(name) && !name.endsWith('.new')) await rm(join(TARGET, name), { force: true });
  }
  return built;
}

/** Writes a file in one step, if it has changed. */
async function put(name: string, bytes: Uint8Array): Promise<void> {
  const path = join(TARGET, name);
  const before = await readFile(path).catch(() => undefined);
  if (before && Buffer.compare(before, bytes) === 0) return;
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}

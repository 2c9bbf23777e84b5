/** Bundles the studio page into `assets/studio`. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'assets/studio');
/** Sizes and times of the files that the last build read, and of those that it wrote. */
const NOTE = join(ROOT, 'build/studio-files.json');
const RUNTIME = join(ROOT, 'node_modules/onnxruntime-web');
/** Browsers of 2023 on, which have module workers and import maps. */
const BROWSERS = ['es2022', 'chrome111', 'firefox114', 'safari16.4'];

/** The page's scripts: the page, and its workers. */
const SCRIPTS = {
  app: 'studio/app.tsx',
  analysis: 'studio/analysis/worker.ts',
  tab: 'studio/tab/worker.ts',
  recorder: 'studio/recorder/worklet.ts',
};

/** Built last: it holds the names of the others. */
const SERVICE_WORKER = { offline: 'studio/offline/service-worker.ts' };

/** Files that are copied to the folder of the scripts. */
const COPIES = {
  'kernel.wasm': join(ROOT, 'src/synthesis/vocoder/kernel/kernel.wasm'),
  'stack.wasm': join(ROOT, 'src/inference/stack/kernel/stack.wasm'),
};

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

/** Inputs of a build in addition to the files that esbuild reads: versions of packages, settings, and this script. */
const OTHER_INPUTS = ['package-lock.json', 'tsconfig.json', relative(ROOT, import.meta.filename)];

/** Names and bytes of what was built. */
export type BuiltFiles = ReadonlyMap<string, number>;

/**
 * Builds the page unless it is there and no file that the last build read or wrote has changed since, by size and time.
 * @throws what {@link buildStudio} throws.
 */
export async function buildStudioIfChanged(): Promise<void> {
  try {
    const before = JSON.parse(await readFile(NOTE, 'utf8')) as Record<string, string>;
    const now = await marksOf(Object.keys(before));
    if (Object.entries(before).every(([path, mark]) => now[path] === mark)) return;
  } catch {
    // There was no build, or a file of it is missing.
  }
  await buildStudio();
}

/** Size and time of change of files, by their path from the root. */
async function marksOf(paths: readonly string[]): Promise<Record<string, string>> {
  const marks = paths.map(async (path) => {
    const { size, mtimeMs } = await stat(join(ROOT, path));
    return [path, `${size} ${mtimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(marks));
}

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
  const options = {
    absWorkingDir: ROOT,
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    outdir: TARGET,
    bundle: true,
    format: 'esm',
    target: BROWSERS,
    minify: true,
    legalComments: 'none',
    write: false,
    metafile: true,
    logLevel: 'error',
  } as const;
  const page = await build({
    ...options,
    entryPoints: { ...SCRIPTS, 'app.css': 'studio/styles/studio.css' },
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    conditions: ['browser'],
    plugins: [ENGLISH_ONLY],
    define: {
      RUNTIME_WEBGPU: JSON.stringify(packed(RUNTIMES.webgpu)),
      RUNTIME_PLAIN: JSON.stringify(packed(RUNTIMES.plain)),
    },
  });
  const nameOf = ({ path }: { path: string }) => basename(path).replace('.css.css', '.css');
  const names = [...page.outputFiles.map(nameOf), ...Object.keys(COPIES)];
  const worker = await build({
    ...options,
    entryPoints: SERVICE_WORKER,
    define: { PAGE_FILES: JSON.stringify(names) },
  });
  const built = new Map<string, number>();
  for (const file of [...page.outputFiles, ...worker.outputFiles]) {
    await put(nameOf(file), file.contents);
    built.set(nameOf(file), file.contents.byteLength);
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
  const inputs = [page, worker].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  // esbuild also lists what it defines: "<define:PAGE_FILES>".
  const read = [...inputs.filter((path) => !path.startsWith('<')), ...OTHER_INPUTS];
  const written = [...built.keys()].map((name) => relative(ROOT, join(TARGET, name)));
  await mkdir(dirname(NOTE), { recursive: true });
  await writeFile(NOTE, JSON.stringify(await marksOf([...read, ...written])));
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

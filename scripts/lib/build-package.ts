/** Builds the npm package: JavaScript and types of the library and the command line, with the model beside them. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** Entry points: modules that others import, processes and threads. The compiler adds the modules that these import. */
const ENTRIES = [
  'scripts/sori.ts',
  'src/origin.ts',
  'src/inference/threaded-worker.ts',
  'src/models/model-thread.ts',
  'src/sdk/node.ts',
  'src/sdk/browser.ts',
  'src/sdk/audio.ts',
  'src/wasm-modules.d.ts',
  'src/audio/codecs/webassembly.d.ts',
  // Chosen by the platform, so that nothing imports them by name.
  'src/audio/codecs/browser.ts',
  'src/audio/codecs/node.ts',
  'src/synthesis/vocoder/kernel/browser.ts',
  'src/synthesis/vocoder/kernel/node.ts',
  'src/inference/stack/kernel/browser.ts',
  'src/inference/stack/kernel/node.ts',
];

/** Files that are not TypeScript, with the place of each in the package. */
const FILES: Readonly<Record<string, string>> = {
  'shards/sori-2': 'shards/sori-2',
  'src/database/migrations': 'src/database/migrations',
  'src/synthesis/vocoder/kernel/kernel.wasm': 'src/synthesis/vocoder/kernel/kernel.wasm',
  'src/inference/stack/kernel/stack.wasm': 'src/inference/stack/kernel/stack.wasm',
  // Beside the module that names them, where bundlers that support `new URL('./x.wasm', import.meta.url)` find them.
  'src/audio/codecs/opus.wasm': 'src/audio/codecs/opus.wasm',
  'src/audio/codecs/mp3.wasm': 'src/audio/codecs/mp3.wasm',
  'src/audio/codecs/aac.wasm': 'src/audio/codecs/aac.wasm',
  'src/audio/codecs/recordings.wasm': 'src/audio/codecs/recordings.wasm',
  'scripts/sori/prompts/report': 'scripts/sori/prompts/report',
  assets: 'assets',
  LICENSE: 'LICENSE',
  NOTICE: 'NOTICE',
};

/** `node:sqlite` works without a flag from here on. */
const NODE = '>=22.13';

interface RootPackage {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Builds the package into a folder, which is emptied first.
 * @throws with the compiler's output, or when a module imports a package that is not among the dependencies.
 */
export async function buildPackage(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await compile(target);
  for (const [from, to] of Object.entries(FILES)) {
    const filter = (path: string) => !path.endsWith('.ts');
    await cp(join(ROOT, from), join(target, to), { recursive: true, filter });
  }
  const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as RootPackage;
  const { name, version, description, license, imports, exports } = root;
  const dependencies = await usedDependencies(target, root.dependencies);
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'module',
    engines: { node: NODE },
    bin: { sori: 'scripts/sori.js' },
    exports: compiledExports(exports),
    imports: compiledImports(imports),
    sideEffects: [
      './scripts/**',
      './src/origin.js',
      './src/inference/threaded-worker.js',
      './src/models/model-thread.js',
    ],
    dependencies,
  };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(ROOT, 'docs/package.md'), join(target, 'README.md'));
}

async function compile(target: string): Promise<void> {
  const config = join(ROOT, 'build/tsconfig.package.json');
  const settings = {
    extends: '../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: '..',
      outDir: relative(dirname(config), target),
    },
    files: ENTRIES.map((path) => `../${path}`),
    include: [],
  };
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, JSON.stringify(settings));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', config]).catch(
    ({ stdout }: { stdout: string }) => {
      throw new Error(`The package does not compile:\n${stdout}`);
    },
  );
}

const compiled = (path: string) => path.replace(/\.ts$/, '.js');

/** The platforms' modules by their compiled names. Workers bundle the sources, so that theirs are left out. */
function compiledImports(imports: RootPackage['imports']): object {
  return Object.fromEntries(
    Object.entries(imports).map(([name, path]) => {
      if (typeof path === 'string') return [name, compiled(path)];
      return [name, { node: compiled(path.node), default: compiled(path.default) }];
    }),
  );
}

/** The entry points, each with its types. */
function compiledExports(exports: RootPackage['exports']): object {
  const entry = (path: string) => ({ types: path.replace(/\.ts$/, '.d.ts'), default: compiled(path) });
  const entries = Object.entries(exports).map(([name, paths]) => {
    if (typeof paths === 'string') return [name, entry(paths)];
    return [name, Object.fromEntries(Object.entries(paths).map(([where, path]) => [where, entry(path)]))];
  });
  return { ...Object.fromEntries(entries), './package.json': './package.json' };
}

/** Names of packages in `import`, `export … from`, `import()` and `resolve()`. */
const IMPORTS =
  /(?:\bfrom\s+|\bimport\s+|\bimport\(|\bresolve\()['"](@[\w.-]+\/[\w.-]+|[a-z][\w.-]*)(?:\/[\w./-]+)?['"]/g;

async function usedDependencies(
  target: string,
  known: RootPackage['dependencies'],
): Promise<Record<string, string>> {
  const used = new Set<string>();
  for (const folder of ['src', 'scripts']) {
    for (const file of await readdir(join(target, folder), { recursive: true })) {
      if (!/\.(?:js|d\.ts)$/.test(file)) continue;
      const text = await readFile(join(target, folder, file), 'utf8');
      for (const [, name] of text.matchAll(IMPORTS)) used.add(name);
    }
  }
  return Object.fromEntries(Object.entries(known).filter(([name]) => used.has(name)));
}

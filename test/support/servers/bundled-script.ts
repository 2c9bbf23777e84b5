import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { madeOnce } from '../made-once.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** The same place in each run, because Node's compile cache knows a module by its path. */
const TARGET = join(ROOT, 'node_modules/.cache/sori-tests');
/** Packages with files of their own beside the code. */
const EXTERNAL = [
  'onnxruntime-node',
  'onnxruntime-web',
  'esbuild',
  'miniflare',
  'playwright-core',
  'wrangler',
];
/** CommonJS packages in the bundle call it. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(${JSON.stringify(`${ROOT}/`)});`;

/** Modules find their files, and start their threads, where they would without the bundle. */
const OWN_PLACES: Plugin = {
  name: 'own-places',
  setup(builder) {
    builder.onLoad({ filter: /\.(?:ts|m?js)$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      if (!code.includes('import.meta.')) return;
      const contents = code
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * Bundles a script of this repository, once per run, for tests that start it often: Node loads a few modules instead of a thousand, which
 * saves a third of the processor time of an origin's start, and two thirds where nothing is in the compile cache. What a script imports
 * only when it needs it is a file of its own, so that a command of `sori` does not load the others.
 * @returns the path of the file to start instead.
 */
export async function bundledScript(script: string): Promise<string> {
  const name = basename(script, '.ts');
  const target = join(TARGET, name);
  await madeOnce(`bundled-${name}`, async (draft) => {
    const outdir = join(draft, name);
    await build({
      // `@hono/zod-openapi` extends zod when it is loaded, so it has to be loaded before the modules that use the extension. esbuild does
      // not keep the order of modules that are in different files.
      stdin: {
        contents: `import '@hono/zod-openapi';\nimport ${JSON.stringify(script)};`,
        resolveDir: ROOT,
      },
      outdir,
      entryNames: name,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      // `@hono/zod-openapi` declares that it has no side effects, so esbuild would leave out its import.
      ignoreAnnotations: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external: EXTERNAL,
      banner: { js: REQUIRE },
      plugins: [OWN_PLACES],
      logLevel: 'error',
    });
    await mkdir(target, { recursive: true });
    // The other files are named by their content, so two runs make the same ones.
    for (const file of await readdir(outdir)) await rename(join(outdir, file), join(target, file));
  });
  return join(target, `${name}.mjs`);
}

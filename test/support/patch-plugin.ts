import { globSync } from 'node:fs';
import module from 'node:module';
import { resolve } from 'node:path';

/** WebAssembly that the Worker under test imports. */
const WASM = ['node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', ...globSync('src/**/*.wasm')];

/** A module of the Worker, as miniflare takes it, under the name that the plugin gives it where it is imported. */
function moduleOf(path: string): string {
  const named = JSON.stringify(`${path}?mf_vitest_force=CompiledWasm`);
  return `{ type: 'CompiledWasm', path: ${named}, contents: fs.readFileSync(${JSON.stringify(path)}) }`;
}

/** Texts in files of packages, and what is written before them. */
const ADDED = [
  {
    file: '/@cloudflare/vitest-plugin/dist/pool/index.mjs',
    before: 'const workers = [runnerWorker];',
    code: `runnerWorker.modules.push(${WASM.map((path) => moduleOf(resolve(path)))});\n`,
  },
  {
    file: '/miniflare/dist/src/index.js',
    before: 'followRedirects: request4.redirect === "follow",',
    code: 'perMessageDeflate: false,\n',
  },
] as const;

/**
 * Makes the plugin for workerd faster. Call it before the plugin is imported.
 * - Each instance has its WebAssembly from the start. By itself the plugin sends it as a list of numbers in JSON when it is imported, which
 *   takes seven seconds of processor time for 14 MB.
 * - What this process and workerd send each other is not compressed.
 * @throws when such a package is loaded and does not have the text.
 */
export function patchPlugin(): void {
  module.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const added = ADDED.find(({ file }) => url.endsWith(file));
      if (!added) return loaded;
      const { before, code } = added;
      const source = String(loaded.source);
      if (!source.includes(before)) throw new Error(`${url} has no "${before}": see patch-plugin.ts.`);
      return { ...loaded, source: source.replace(before, () => code + before) };
    },
  });
}

import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { patchPackage } from '../../scripts/lib/patch-package.ts';

/** WebAssembly that the Worker under test imports. */
const WASM = ['node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', ...globSync('src/**/*.wasm')];

const FILE = '/@cloudflare/vitest-plugin/dist/pool/index.mjs';
/** The statement of that file before which the WebAssembly is added. */
const STATEMENT = 'const workers = [runnerWorker];';

/** A module of the Worker, as miniflare takes it, under the name that the plugin gives it where it is imported. */
function moduleOf(path: string): string {
  const named = JSON.stringify(`${path}?mf_vitest_force=CompiledWasm`);
  return `{ type: 'CompiledWasm', path: ${named}, contents: fs.readFileSync(${JSON.stringify(path)}) }`;
}

/**
 * Gives each instance of workerd its WebAssembly from the start. Without this the plugin sends it as a list of numbers in JSON when it is
 * imported, which takes seven seconds of processor time for 14 MB. Call it before the plugin is imported.
 * @throws when the plugin is imported and does not have the statement, as another version may not.
 */
export function patchPlugin(): void {
  patchPackage(FILE, (source) => {
    if (!source.includes(STATEMENT)) throw new Error(`${FILE} has no "${STATEMENT}": see patch-plugin.ts.`);
    const modules = WASM.map((path) => moduleOf(resolve(path)));
    return source.replace(STATEMENT, () => `runnerWorker.modules.push(${modules});\n${STATEMENT}`);
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProjectInlineConfiguration } from 'vitest/config';

/**
 * Compiled modules are stored here, for Vitest and for the processes that tests start: `wrangler` and stripped TypeScript load in half the
 * time.
 */
const COMPILE_CACHE = resolve('node_modules/.cache/node');

/** Prepares this process and its environment for a run of tests. A configuration of Vitest calls it before it imports large packages. */
export function prepareRun(): void {
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  // What several test files need is made once, in a folder of this run: made-once.ts.
  const runFolder = mkdtempSync(join(tmpdir(), 'sori-run-'));
  process.env.SORI_TEST_RUN = runFolder;
  process.on('exit', () => rmSync(runFolder, { recursive: true, force: true }));
}

/**
 * Node itself imports the modules, so nothing is transformed, and loops over imported constants run as fast as in production: through Vite,
 * each use of an import is a property of a module object. `vi.mock` does not work with it, and no test needs it.
 */
const NATIVE_MODULES = { experimental: { viteModuleRunner: false, nodeLoader: false } };

/** Long enough for a busy machine. */
export const TIMEOUTS = { expect: { poll: { timeout: 20_000 } }, testTimeout: 120_000, hookTimeout: 120_000 };

/** Pure logic and routes over a test engine: no process, no port, no network. */
export const UNIT: TestProjectInlineConfiguration = {
  test: {
    name: 'unit',
    include: ['test/unit/**/*.test.ts'],
    setupFiles: ['./test/support/fast-equality.ts'],
    // Modules are loaded once for each worker instead of once for each file.
    isolate: false,
    pool: 'threads',
    ...NATIVE_MODULES,
    maxWorkers: 2,
    // Projects with other numbers of workers run one after the other.
    sequence: { groupOrder: 0 },
    ...TIMEOUTS,
  },
};

/** Whole processes, real clients and browsers. */
export const NODE: TestProjectInlineConfiguration = {
  test: {
    name: 'node',
    include: ['test/{contract,node,browser}/**/*.test.ts'],
    setupFiles: ['./test/support/fast-equality.ts', './test/support/same-globals.ts'],
    // Modules are loaded once for each worker instead of once for each file.
    isolate: false,
    ...NATIVE_MODULES,
    // Most of them wait for processes that they start.
    maxWorkers: 3,
    // The projects inside workerd are in the same group, so that no core is idle while the last file of a project runs.
    sequence: { groupOrder: 1 },
    ...TIMEOUTS,
  },
};

import type { InferenceBackend, RefusedProvider } from './backend.ts';
import { createNodeWasmBackend } from './node-wasm.ts';
import { checkBackend } from './probe.ts';
import { createThreadedBackend } from './threaded.ts';

/** Where a server can run its graphs, the fastest first. `wasm` is the arithmetic of the Worker, and is used only on request. */
export const PROVIDERS = ['cuda', 'webgpu', 'cpu', 'wasm'] as const;

/** One of {@link PROVIDERS}. */
export type Provider = (typeof PROVIDERS)[number];

/** The providers that are tried by default. */
export const DEFAULT_PROVIDERS: readonly Provider[] = ['cuda', 'webgpu', 'cpu'];

/** How to choose. */
export interface ProviderOptions {
  /** In order of preference. */
  readonly providers: readonly Provider[];
  /** Threads within one operation of the CPU; 1 when not given. */
  readonly threads?: number;
  /**
   * A further check that a backend must pass, such as a model's known answers.
   * @throws when it answers wrongly.
   */
  readonly check?: (backend: InferenceBackend) => Promise<void>;
  /** Makes backends; for tests. */
  readonly create?: (provider: Provider, threads: number) => InferenceBackend;
}

/**
 * Selects the first available provider that passes the self-test, because a driver may compute wrong results without an error.
 * @returns its backend, and why earlier ones were refused.
 * @throws {Error} when none passes; the message has the reason for each.
 */
export async function chooseProvider(options: ProviderOptions): Promise<InferenceBackend> {
  const { providers, threads = 1, check, create = createBackend } = options;
  const refused: RefusedProvider[] = [];
  for (const provider of providers) {
    const backend = create(provider, threads);
    try {
      await checkBackend(backend);
      await check?.(backend);
      return Object.assign(backend, { refused });
    } catch (error) {
      refused.push({ provider, reason: reasonOf(error) });
    }
  }
  const reasons = refused.map(({ provider, reason }) => `${provider}: ${reason}`);
  throw new Error(`No execution provider works here. ${reasons.join('; ')}`);
}

function createBackend(provider: Provider, threads: number): InferenceBackend {
  return provider === 'wasm'
    ? createNodeWasmBackend()
    : createThreadedBackend({ executionProviders: [provider], threads });
}

const MAX_REASON = 200;

/** A failure in one line: runtimes put their source files first, and repeat some messages. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line] = message.replace(/^The graph cannot be loaded: /, '').split('\n');
  const plain = line
    .replace(/^\/\S+:\d+ .*? was false\. /, '')
    .trim()
    .replace(/^(.+) \1$/, '$1');
  return plain.length > MAX_REASON ? `${plain.slice(0, MAX_REASON - 1)}…` : plain;
}

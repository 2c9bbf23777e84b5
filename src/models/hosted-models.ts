import { deferred } from '../base/deferred.ts';
import { SoriError } from '../base/errors.ts';
import type { GraphOptions } from './graph.ts';
import { ModelFault, type ModelManifest, memoryOf } from './manifest.ts';
import type { InstalledModel, ModelListing, ModelStore } from './store.ts';
import type { Task, TaskEvent, TaskInput } from './tasks.ts';
import { type ModelThread, openThread, type ThreadOptions } from './thread.ts';

/** How models are hosted. */
export interface HostedModelsOptions {
  readonly store: ModelStore;
  readonly graphs: GraphOptions;
  /** Bytes that loaded models take together; those that were not used for the longest time make room for others. */
  readonly memoryBytes: number;
  /** Calls of one model that wait or run at once before the next is refused; default 64. */
  readonly maxCalls?: number;
  /** Called with models that cannot be read, opened or kept, for a log. */
  readonly onFault?: (model: string, error: unknown) => void;
  /** Opens models; for tests. */
  readonly open?: <T extends Task>(options: ThreadOptions) => Promise<ModelThread<T>>;
}

interface Loaded {
  readonly bytes: number;
  readonly thread: Promise<ModelThread<Task>>;
  readonly controller: AbortController;
  calls: number;
  /** Number of its last use; the lowest goes first. */
  used: number;
}

/**
 * Models of a models directory, each loaded by its first call and unloaded when others need its memory.
 *
 * @example
 * ```ts
 * const models = new HostedModels({ store, graphs: { providers: ['cpu'], threads: 4 }, memoryBytes: 4e9 });
 * await models.refresh();
 * for await (const { samples } of models.run('kokoro', 'speech', input)) play(samples);
 * ```
 */
export class HostedModels {
  readonly #options: HostedModelsOptions;
  readonly #maxCalls: number;
  readonly #loaded = new Map<string, Loaded>();
  readonly #waiting: (() => void)[] = [];
  #listing: ModelListing = { models: [], broken: [] };
  #uses = 0;

  constructor(options: HostedModelsOptions) {
    this.#options = options;
    this.#maxCalls = options.maxCalls ?? 64;
  }

  /** Reads the directory again: models that were added since then are found, and removed ones are gone. */
  async refresh(): Promise<void> {
    const before = new Set(this.#listing.broken.map(({ id }) => id));
    this.#listing = await this.#options.store.list();
    for (const { id, reason } of this.#listing.broken) {
      if (!before.has(id)) this.#options.onFault?.(id, new ModelFault(reason));
    }
    for (const [id, loaded] of this.#loaded) {
      if (loaded.calls === 0 && !this.#listing.models.some(({ manifest }) => manifest.id === id)) {
        await this.#unload(id);
      }
    }
  }

  /** Models as of the last {@link refresh}, of one task or of all. */
  list(task?: Task): readonly ModelManifest[] {
    const all = this.#listing.models.map(({ manifest }) => manifest);
    return task === undefined ? all : all.filter((manifest) => manifest.task === task);
  }

  /** Ids of the models that are loaded now. */
  get loaded(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /**
   * Runs the task of a model once. The model is loaded if necessary.
   * @throws {SoriError} `unknown_model`; `model_unavailable` when it can't be loaded; `overloaded`; what its driver throws; the signal's
   *   reason.
   */
  async *run<T extends Task>(
    id: string,
    task: T,
    input: TaskInput<T>,
    signal?: AbortSignal,
  ): AsyncGenerator<TaskEvent<T>, void> {
    const installed = this.#installed(id, task);
    const loaded = await this.#take(installed, signal);
    try {
      const thread = (await settled(loaded.thread, signal)) as unknown as ModelThread<T>;
      yield* thread.run(input, signal);
    } catch (error) {
      throw error instanceof ModelFault ? this.#unusable(id, error) : error;
    } finally {
      loaded.calls--;
      this.#wake();
    }
  }

  /** Unloads all models. Calls under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.#loaded.keys()].map((id) => this.#unload(id)));
  }

  #installed(id: string, task: Task): InstalledModel {
    const installed = this.#listing.models.find(({ manifest }) => manifest.id === id);
    if (installed?.manifest.task === task) return installed;
    const there = this.list(task).map((manifest) => manifest.id);
    const known = there.length > 0 ? `${there.join(', ')}.` : 'none.';
    const message = installed
      ? `Model '${id}' is for ${installed.manifest.task}; models for ${task}: ${known}`
      : `There is no model '${id}' for ${task}. Available: ${known}`;
    throw new SoriError('unknown_model', message, { param: 'model' });
  }

  /** A loaded model with one more call; waits for memory. */
  async #take(installed: InstalledModel, signal?: AbortSignal): Promise<Loaded> {
    const { manifest } = installed;
    const { id } = manifest;
    const bytes = memoryOf(manifest);
    const { memoryBytes } = this.#options;
    if (bytes > memoryBytes) {
      const message = `Model '${id}' needs ${mebibytes(bytes)} MiB, but this server allows ${mebibytes(memoryBytes)} MiB for models (SORI_MODELS_MEMORY).`;
      throw new SoriError('model_unavailable', message);
    }
    for (;;) {
      signal?.throwIfAborted();
      const known = this.#loaded.get(id);
      if (known !== undefined) {
        if (known.calls >= this.#maxCalls) throw busy(id);
        known.calls++;
        known.used = ++this.#uses;
        return known;
      }
      const idle = [...this.#loaded].filter(([, { calls }]) => calls === 0);
      idle.sort(([, a], [, b]) => a.used - b.used);
      while (this.#bytes + bytes > memoryBytes && idle.length > 0) await this.#unload(idle.shift()![0]);
      // Another call may have loaded it while this one made room.
      if (this.#loaded.has(id)) continue;
      if (this.#bytes + bytes <= memoryBytes) this.#load(installed, bytes);
      else await this.#room(id, signal);
    }
  }

  #load({ manifest, folder }: InstalledModel, bytes: number): void {
    const { graphs, open = openThread, onFault } = this.#options;
    const { id } = manifest;
    const controller = new AbortController();
    const forget = () => {
      if (this.#loaded.get(id) === loaded) this.#loaded.delete(id);
      this.#wake();
    };
    const onDeath = (cause: Error) => {
      forget();
      onFault?.(id, cause);
    };
    const thread = open<Task>({ manifest, folder, graphs, onDeath, signal: controller.signal });
    const loaded: Loaded = { bytes, thread, controller, calls: 0, used: ++this.#uses };
    this.#loaded.set(id, loaded);
    thread.catch((error) => {
      forget();
      if (!controller.signal.aborted) onFault?.(id, error);
    });
  }

  async #unload(id: string): Promise<void> {
    const loaded = this.#loaded.get(id);
    this.#loaded.delete(id);
    loaded?.controller.abort(new DOMException('The model was unloaded.', 'AbortError'));
    const thread = await loaded?.thread.catch(() => undefined);
    await thread?.close();
    this.#wake();
  }

  get #bytes(): number {
    return [...this.#loaded.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Waits until a call ends, or a model goes. */
  async #room(id: string, signal?: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#maxCalls) throw busy(id);
    const { promise, resolve } = deferred();
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #unusable(id: string, cause: ModelFault): SoriError {
    const message = `Model '${id}' cannot be loaded. To see why, run: npm run sori -- models check ${id}`;
    return new SoriError('model_unavailable', message, { cause });
  }
}

/** Waits for work until it ends or the signal aborts. The work continues in either case. */
async function settled<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = deferred<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function busy(id: string): SoriError {
  return new SoriError('overloaded', `Too many requests are waiting for model '${id}'; try again later.`);
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

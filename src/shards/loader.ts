import { SoriError } from '../base/errors.ts';
import { sha256Hex } from '../base/sha256.ts';
import { createSingleFlight, type SingleFlightOptions } from '../base/single-flight.ts';
import type { GraphSource } from '../inference/backend.ts';
import type { FileRef, Manifest, ManifestStage } from './manifest.ts';
import { MODEL_NAME, parseManifest } from './parse-manifest.ts';
import type { ShardSource } from './source.ts';
import type { StageName } from './stages.ts';

/** Options of {@link createModelLoader}. */
export interface ModelLoaderOptions extends SingleFlightOptions {
  readonly source: ShardSource;
  /** Files of one stage that are fetched at once; 6 when not given, as many as a Worker may have connections. */
  readonly maxParallel?: number;
  /** Milliseconds for which a manifest is taken to be current; 60,000 when not given. */
  readonly manifestTtlMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Reads models from a source, and refuses files that do not match the manifest. */
export interface ModelLoader {
  /**
   * The model's manifest; the same object as before while the file's bytes are the same.
   * @throws {SoriError} `unknown_model` when there is none; `model_unavailable` when it can't be read or parsed.
   */
  manifest(model: string, signal?: AbortSignal): Promise<Manifest>;
  /**
   * A stage's graph and weights, verified. Concurrent callers share one read; nothing is kept afterwards.
   * @throws {SoriError} `model_unavailable` when a file is missing, damaged or out of reach.
   */
  stage(manifest: Manifest, stage: StageName, signal?: AbortSignal): Promise<GraphSource>;
  /**
   * The same of a stage's batched graph, which the manifest must have.
   * @throws {SoriError} `model_unavailable`.
   */
  batchedStage(manifest: Manifest, stage: StageName, signal?: AbortSignal): Promise<GraphSource>;
  /**
   * One file that the manifest names, verified; shared and kept like a stage.
   * @throws {SoriError} `model_unavailable`.
   */
  file(manifest: Manifest, ref: FileRef, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Makes a loader. Failures are never remembered: what is repaired in the source works at the next call. */
export function createModelLoader(options: ModelLoaderOptions): ModelLoader {
  const { source, maxParallel = 6, manifestTtlMs = 60_000, now = () => performance.now() } = options;
  const share = createSingleFlight(options);
  const known = new Map<string, { manifest: Manifest; hash: string; readAt: number }>();

  async function readManifest(model: string, signal: AbortSignal): Promise<Manifest> {
    const before = known.get(model);
    let bytes: Uint8Array | null;
    try {
      // The one file that changes under its name, so no cache is to be trusted with it.
      bytes = await source.read(`${model}/manifest.json`, { signal, fresh: true });
    } catch (cause) {
      signal.throwIfAborted();
      // A source that is out of reach for a moment is no reason to stop serving a model that is in memory.
      if (before) return before.manifest;
      throw new SoriError('model_unavailable', `The manifest of model '${model}' can't be read.`, { cause });
    }
    if (!bytes) {
      known.delete(model);
      throw unknownModel(model);
    }
    const hash = await sha256Hex(bytes);
    const manifest = before?.hash === hash ? before.manifest : parseManifest(model, bytes);
    known.set(model, { manifest, hash, readAt: now() });
    return manifest;
  }

  async function readVerified(model: string, ref: FileRef, signal: AbortSignal): Promise<Uint8Array> {
    let fault: unknown;
    for (const fresh of [false, true]) {
      try {
        const bytes = await source.read(`${model}/${ref.file}`, { signal, fresh });
        signal.throwIfAborted();
        if (!bytes) fault = 'is missing';
        else if (bytes.byteLength !== ref.bytes)
          fault = `has ${bytes.byteLength} bytes instead of ${ref.bytes}`;
        else if ((await sha256Hex(bytes)) !== ref.sha256) fault = 'is damaged: its SHA-256 differs';
        else return bytes;
      } catch (cause) {
        signal.throwIfAborted();
        fault = cause;
      }
    }
    const [text, cause] = typeof fault === 'string' ? [fault] : ["can't be read", fault];
    throw new SoriError('model_unavailable', `Model '${model}' can't be loaded: ${ref.file} ${text}.`, {
      cause,
    });
  }

  function readStage(
    manifest: Manifest,
    stage: StageName,
    graph: FileRef,
    signal: AbortSignal | undefined,
  ): Promise<GraphSource> {
    const { shards } = listedStage(manifest, stage);
    const { name: model } = manifest;
    return share(
      `${model}/${stage}/${graph.file}`,
      async (shared) => {
        const files = [graph, ...shards];
        const read = await mapParallel(files, maxParallel, shared, (ref, one) =>
          readVerified(model, ref, one),
        );
        return {
          graph: read[0],
          externalData: shards.map(({ file }, i) => ({ path: file, data: read[i + 1] })),
        };
      },
      signal,
    );
  }

  return {
    async manifest(model, signal) {
      if (!MODEL_NAME.test(model)) throw unknownModel(model);
      const before = known.get(model);
      if (before && now() - before.readAt < manifestTtlMs) return before.manifest;
      return share(`${model}/manifest.json`, (shared) => readManifest(model, shared), signal);
    },

    stage: (manifest, stage, signal) =>
      readStage(manifest, stage, listedStage(manifest, stage).graph, signal),

    batchedStage(manifest, stage, signal) {
      const graph = manifest.batched?.stages[stage]?.graph;
      if (!graph) throw new RangeError(`Model '${manifest.name}' has no batched graph of ${stage}.`);
      return readStage(manifest, stage, graph, signal);
    },

    file: (manifest, ref, signal) =>
      share(`${manifest.name}/${ref.file}`, (shared) => readVerified(manifest.name, ref, shared), signal),
  };
}

function listedStage(manifest: Manifest, stage: StageName): ManifestStage {
  const listed = manifest.stages[stage];
  if (!listed) throw new RangeError(`Model '${manifest.name}' has no stage ${stage}.`);
  return listed;
}

function unknownModel(model: string): SoriError {
  return new SoriError('unknown_model', `There is no model '${model}'.`, { param: 'model' });
}

/** Like `Promise.all` over `map`, with a bound on what runs at once; the first failure aborts the rest. */
async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results = new Array<R>(items.length);
  let next = 0;
  async function worker() {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], either);
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return results;
}

import { SoriError } from '../errors.ts';
import {
  type GraphSession,
  type InferenceBackend,
  InferenceError,
  type Tensors,
} from '../inference/backend.ts';
import { checkKnownAnswer } from '../inference/known-answer.ts';
import type { StageRunner } from '../pipeline/stages.ts';
import { decodeKnownAnswers, type KnownAnswers } from '../shards/known-answer.ts';
import type { ModelLoader } from '../shards/loader.ts';
import type { FileRef, Manifest } from '../shards/manifest.ts';
import { createSingleFlight, type SingleFlightOptions } from '../shards/single-flight.ts';
import { DEFAULT_PATH_STAGES, isOnDemand, STAGES, type StageName } from '../shards/stages.ts';
import { createSessionPool, type SessionRecipe } from './session-pool.ts';

/** What {@link createModelHost} needs. */
export interface ModelHostOptions extends SingleFlightOptions {
  readonly loader: ModelLoader;
  readonly backend: InferenceBackend;
  /** Bytes of graphs and weights that may stand as sessions at once; 32 MiB when not given. */
  readonly byteBudget?: number;
  /**
   * Keep the sessions of stages that load on demand, as far as the budget goes. Not when not given: at the edge their memory is
   * worth more than the next load's time.
   */
  readonly keepOnDemand?: boolean;
  /** Milliseconds after its last use that a session of a replaced model version is released; 10,000 when not given. */
  readonly retireAfterMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** One version of a model, ready to be run; a request keeps it to its end, whatever is published meanwhile. */
export interface OpenModel {
  readonly manifest: Manifest;
  /** Runs stages; each is loaded at its first use. */
  readonly runner: StageRunner;
  /**
   * Reads a file that the manifest names.
   * @throws {SoriError} `model_unavailable`.
   */
  file(ref: FileRef, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Loads stages ahead of their first use, side by side.
   * @throws {SoriError} `model_unavailable`.
   */
  preload(stages: readonly StageName[], signal?: AbortSignal): Promise<void>;
}

/** Opens models and holds their sessions. */
export interface ModelHost {
  readonly backend: InferenceBackend;
  /** @throws {SoriError} `unknown_model`, `model_unavailable`; the signal's reason. */
  open(model: string, signal?: AbortSignal): Promise<OpenModel>;
  /**
   * Runs every stage of the default path on its known input and compares the answers, once per model version; later calls return
   * at once. Other stages are checked so when they are first loaded.
   * @throws {SoriError} as {@link ModelHost.open}, and `model_unavailable` when a stage answers wrongly.
   */
  verify(model: string, signal?: AbortSignal): Promise<void>;
  /** Sessions held, and the bytes that they count for. */
  readonly size: { readonly sessions: number; readonly bytes: number };
}

/**
 * Makes a host: sessions by stage under a byte budget, least recently used out first, shared by all requests.
 * Stages are told apart by content, so models share equal ones and a new version reloads only what changed.
 * A failure of any kind is forgotten at once; the next use tries again.
 */
export function createModelHost(options: ModelHostOptions): ModelHost {
  const {
    loader,
    backend,
    byteBudget = 32 * 1024 * 1024,
    retireAfterMs = 10_000,
    keepOnDemand = false,
  } = options;
  const now = options.now ?? (() => performance.now());
  const share = createSingleFlight(options);
  const pool = createSessionPool(byteBudget, share, now);
  const current = new Map<string, OpenModel>();
  const verified = new WeakSet<Manifest>();
  /** Graphs of on-demand stages that have given their known answer. */
  const checked = new Set<string>();

  function recipe(manifest: Manifest, stage: StageName): SessionRecipe {
    const { graph, shards } = manifest.stages[stage];
    const onDemand = isOnDemand(stage);
    return {
      key: graph.sha256,
      transient: onDemand && !keepOnDemand,
      bytes: shards.reduce((sum, shard) => sum + shard.bytes, graph.bytes),
      create: async (signal) => {
        const source = await loader.stage(manifest, stage, signal);
        let session: GraphSession;
        try {
          session = await backend.createSession(source);
        } catch (cause) {
          const message = `Model '${manifest.name}' can't be loaded: the runtime refuses its stage ${stage}.`;
          throw new SoriError('model_unavailable', message, { cause });
        }
        if (onDemand && !checked.has(graph.sha256)) await checkFresh(session, signal);
        return session;
      },
    };

    /** Checks a stage that `verify` leaves out; a session that answers wrongly is not let out. */
    async function checkFresh(session: GraphSession, signal: AbortSignal): Promise<void> {
      try {
        const answers = decodeKnownAnswers(await loader.file(manifest, manifest.knownAnswer, signal));
        await selfTest(manifest, stage, answers, (inputs) => session.run(inputs, signal));
        checked.add(graph.sha256);
      } catch (fault) {
        await session.release();
        throw fault;
      }
    }
  }

  function openModel(manifest: Manifest): OpenModel {
    const recipes = Object.fromEntries(STAGES.map((stage) => [stage, recipe(manifest, stage)])) as Record<
      StageName,
      SessionRecipe
    >;
    return {
      manifest,
      runner: {
        run: (stage, inputs, signal) =>
          pool.use(recipes[stage], (session) => session.run(inputs, signal), signal),
      },
      file: (ref, signal) => loader.file(manifest, ref, signal),
      async preload(stages, signal) {
        await Promise.all(stages.map((stage) => pool.use(recipes[stage], async () => {}, signal)));
      },
    };
  }

  async function open(model: string, signal?: AbortSignal): Promise<OpenModel> {
    const manifest = await loader.manifest(model, signal);
    let opened = current.get(model);
    if (opened?.manifest !== manifest) {
      opened = openModel(manifest);
      current.set(model, opened);
    }
    pool.sweep(isCurrent, retireAfterMs);
    return opened;
  }

  function isCurrent(key: string): boolean {
    return [...current.values()].some(({ manifest }) =>
      STAGES.some((stage) => manifest.stages[stage].graph.sha256 === key),
    );
  }

  async function verify(model: string, signal?: AbortSignal): Promise<void> {
    const { manifest, runner, file, preload } = await open(model, signal);
    if (verified.has(manifest)) return;
    const [bytes] = await Promise.all([
      file(manifest.knownAnswer, signal),
      preload(DEFAULT_PATH_STAGES, signal),
    ]);
    const answers = decodeKnownAnswers(bytes);
    for (const stage of DEFAULT_PATH_STAGES)
      await selfTest(manifest, stage, answers, (inputs) => runner.run(stage, inputs, signal));
    verified.add(manifest);
  }

  return {
    backend,
    open,
    verify,
    get size() {
      return pool.size;
    },
  };
}

/** Has a stage give its known answer. */
async function selfTest(
  { name }: Manifest,
  stage: StageName,
  answers: KnownAnswers,
  run: (inputs: Tensors) => Promise<Tensors>,
): Promise<void> {
  const fails = (why: string, cause?: unknown) =>
    new SoriError('model_unavailable', `Model '${name}' fails its self-test at stage ${stage}: ${why}.`, {
      cause,
    });
  const answer = answers[stage];
  if (!answer) throw fails('there is no known answer');
  try {
    checkKnownAnswer(await run(answer.inputs), answer.outputs);
  } catch (cause) {
    if (!(cause instanceof InferenceError)) throw cause;
    throw fails(cause.message, cause);
  }
}

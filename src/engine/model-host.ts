import { concatBytes } from '../base/bytes.ts';
import { SoriError } from '../base/errors.ts';
import { sha256Hex } from '../base/sha256.ts';
import { createSingleFlight, type SingleFlightOptions } from '../base/single-flight.ts';
import type { GraphSession, InferenceBackend, Tensors } from '../inference/backend.ts';
import { decodeKnownAnswers, type KnownAnswers } from '../shards/known-answer.ts';
import type { ModelLoader } from '../shards/loader.ts';
import type { FileRef, Manifest } from '../shards/manifest.ts';
import { defaultPathOf, isOnDemand, type StageName, stagesOf } from '../shards/stages.ts';
import type { StageRunner } from '../synthesis/stages.ts';
import { type Batcher, type BatchingOptions, createBatcher } from './batching/batcher.ts';
import { selfTest } from './self-test.ts';
import { createSessionPool, type SessionRecipe } from './session-pool.ts';
import { type StageGraph, stageGraph } from './stage-graph.ts';

/** Options of {@link createModelHost}. */
export interface ModelHostOptions extends SingleFlightOptions {
  readonly loader: ModelLoader;
  readonly backend: InferenceBackend;
  /** Most bytes of graphs and weights in open sessions; default 32 MiB. */
  readonly byteBudget?: number;
  /**
   * Keep the sessions of on-demand stages within the budget. Default no: at the edge their memory is
   * worth more than the time of another load.
   */
  readonly keepOnDemand?: boolean;
  /** Batch waiting utterances if the model has batched graphs. Default no. */
  readonly batching?: BatchingOptions;
  /** Milliseconds after its last use that a session of a replaced model version is released; 10,000 when not given. */
  readonly retireAfterMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** An opened version of a model. A request uses it to its end, even if a new version is published. */
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

/** The host's state of an opened model. */
interface HeldModel extends OpenModel {
  readonly graphs: readonly StageGraph[];
  /** Runs a stage's graph, stacked if it takes several rows. */
  runGraph(stage: StageName, inputs: Tensors, signal?: AbortSignal): Promise<Tensors>;
  /** The file with the answers that a stage's session is to give. */
  knownAnswerOf(graph: StageGraph, signal?: AbortSignal): Promise<FileRef>;
}

/** Opens models and manages their sessions. */
export interface ModelHost {
  readonly backend: InferenceBackend;
  /**
   * Hex digits that identify a processor's rounding: a hash of the answers of all verified models, including the last bits.
   * included. Nothing where all round alike, and on GPUs, which need not round twice alike.
   */
  readonly rounding: string;
  /** Counters of batching, if enabled. */
  readonly batches?: Batcher['counts'];
  /** @throws {SoriError} `unknown_model`, `model_unavailable`; the signal's reason. */
  open(model: string, signal?: AbortSignal): Promise<OpenModel>;
  /**
   * Runs every stage of the default path on its known input and compares the answers, once per model version. Later calls return
   * at once. Other stages are checked when they are first loaded.
   * @throws {SoriError} as {@link ModelHost.open}, and `model_unavailable` when a stage gives a wrong answer.
   */
  verify(model: string, signal?: AbortSignal): Promise<void>;
  /** Number of open sessions and their bytes. */
  readonly size: { readonly sessions: number; readonly bytes: number };
}

/**
 * Makes a host. All requests share its sessions, which are evicted in least-recently-used order within a byte budget.
 * Stages are identified by content, so models share equal ones and a new version reloads only the changed ones.
 * Failures are not cached; the next use tries again.
 */
export function createModelHost(options: ModelHostOptions): ModelHost {
  const {
    loader,
    backend,
    byteBudget = 32 * 1024 * 1024,
    retireAfterMs = 10_000,
    keepOnDemand = false,
    batching,
  } = options;
  const now = options.now ?? (() => performance.now());
  const share = createSingleFlight(options);
  const pool = createSessionPool(byteBudget, share, now);
  const batcher = batching && createBatcher(batching);
  const current = new Map<string, HeldModel>();
  const verified = new WeakSet<Manifest>();
  const roundings = new Map<string, string>();
  /** Verified graphs of on-demand stages. */
  const checked = new Set<string>();

  function recipe(manifest: Manifest, graph: StageGraph): SessionRecipe {
    const { stage, key, bytes } = graph;
    const onDemand = isOnDemand(stage);
    return {
      key,
      bytes,
      transient: onDemand && !keepOnDemand,
      create: async (signal) => {
        const source = await graph.load(signal);
        let session: GraphSession;
        try {
          session = await backend.createSession(source);
        } catch (cause) {
          const message = `Model '${manifest.name}' can't be loaded: the runtime refuses its stage ${stage}.`;
          throw new SoriError('model_unavailable', message, { cause });
        }
        if (onDemand && !checked.has(key)) await checkFresh(session, signal);
        return session;
      },
    };

    /** Verifies an on-demand stage; a session with a wrong answer is not used. */
    async function checkFresh(session: GraphSession, signal: AbortSignal): Promise<void> {
      try {
        const answers = decodeKnownAnswers(await loader.file(manifest, graph.knownAnswer, signal));
        await selfTest(manifest.name, graph, answers, (inputs) => session.run(inputs, signal));
        checked.add(key);
      } catch (fault) {
        await session.release();
        throw fault;
      }
    }
  }

  function openModel(manifest: Manifest): HeldModel {
    const graphs = stagesOf(manifest).map((stage) =>
      stageGraph(loader, manifest, stage, batcher !== undefined),
    );
    const byStage = new Map(graphs.map((graph) => [graph.stage, { graph, recipe: recipe(manifest, graph) }]));
    const of = (stage: StageName) => {
      const found = byStage.get(stage);
      if (!found) throw new RangeError(`Model '${manifest.name}' has no stage ${stage}.`);
      return found;
    };
    const run: StageRunner['run'] = (stage, inputs, signal) => {
      const { graph, recipe } = of(stage);
      if (!batcher || !graph.timed) return pool.use(recipe, (session) => session.run(inputs, signal), signal);
      const { key, timed } = graph;
      // Without a signal, because one request must not abort a batch of several.
      const together = {
        key,
        timed,
        run: (stacked: Tensors) => pool.use(recipe, (session) => session.run(stacked, undefined, true)),
      };
      return batcher.run(together, inputs, signal);
    };
    // A batch is one run of whole pieces of several utterances.
    const streams = async (stage: StageName, signal?: AbortSignal) => {
      const { graph, recipe } = of(stage);
      if (batcher && graph.timed) return false;
      return pool.use(recipe, async (session) => session.streams ?? false, signal);
    };
    return {
      manifest,
      graphs,
      runner: { run, streams },
      file: (ref: FileRef, signal?: AbortSignal) => loader.file(manifest, ref, signal),
      async preload(stages: readonly StageName[], signal?: AbortSignal) {
        await Promise.all(stages.map((stage) => pool.use(of(stage).recipe, async () => {}, signal)));
      },
      runGraph: (stage: StageName, inputs: Tensors, signal?: AbortSignal) =>
        pool.use(of(stage).recipe, (session) => session.run(inputs, signal), signal),
      knownAnswerOf({ stage, knownAnswer }, signal) {
        // The batched graphs do not round activations.
        const { batched } = manifest;
        const unrounded = batched?.stages[stage] ? batched.knownAnswer : knownAnswer;
        const answerOf = async ({ ownRounding }: GraphSession) => (ownRounding ? unrounded : knownAnswer);
        return pool.use(of(stage).recipe, answerOf, signal);
      },
    };
  }

  async function open(model: string, signal?: AbortSignal): Promise<HeldModel> {
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
    return [...current.values()].some(({ graphs }) => graphs.some((graph) => graph.key === key));
  }

  async function verify(model: string, signal?: AbortSignal): Promise<void> {
    const { manifest, graphs, runGraph, knownAnswerOf, file, preload } = await open(model, signal);
    if (verified.has(manifest)) return;
    const path = defaultPathOf(manifest);
    const inPath = graphs.filter(({ stage }) => path.includes(stage));
    const answers = new Map<string, KnownAnswers>();
    const answersIn = async (ref: FileRef): Promise<KnownAnswers> => {
      const read = answers.get(ref.file) ?? decodeKnownAnswers(await file(ref, signal));
      answers.set(ref.file, read);
      return read;
    };
    await preload(path, signal);
    const given: Tensors[] = [];
    for (const graph of inPath) {
      const known = await answersIn(await knownAnswerOf(graph, signal));
      const run = (inputs: Tensors) => runGraph(graph.stage, inputs, signal);
      given.push(await selfTest(manifest.name, graph, known, run));
    }
    if (backend.name === 'native-cpu') roundings.set(model, await roundingOf(given));
    verified.add(manifest);
  }

  return {
    backend,
    batches: batcher?.counts,
    get rounding() {
      return [...roundings.values()].join('');
    },
    open,
    verify,
    get size() {
      return pool.size;
    },
  };
}

const ROUNDING_DIGITS = 12;

async function roundingOf(answers: readonly Tensors[]): Promise<string> {
  const tensors = answers.flatMap((answer) => Object.values(answer));
  const bytes = concatBytes(
    tensors.map(
      ({ data: { buffer, byteOffset, byteLength } }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
  return (await sha256Hex(bytes)).slice(0, ROUNDING_DIGITS);
}

import {
  type GraphSource,
  type InferenceBackend,
  InferenceError,
  type Tensors,
} from '../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../src/inference/known-answer.ts';
import { probe } from '../../src/inference/probe.ts';

/** A packed stage and its known answer. */
export interface PackedStage {
  readonly name: string;
  readonly source: GraphSource;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** One thing that every inference backend must do. It holds when `check` doesn't throw. */
export interface InferenceCheck {
  readonly name: string;
  check(backend: InferenceBackend): Promise<void>;
}

/**
 * What every inference backend must do. Plain functions without a test framework, because they also run in a browser's page.
 */
export const INFERENCE_CONTRACT: readonly InferenceCheck[] = [
  {
    name: 'gives the result of the reference implementation',
    async check(backend) {
      const session = await backend.createSession(probe.source());
      equal([...session.inputNames], ['x', 'language']);
      equal([...session.outputNames], ['h', 'y']);
      checkKnownAnswer(await session.run(probe.inputs), probe.outputs);
      await session.release();
    },
  },
  {
    name: 'accepts inputs of any length, and gives the same result every time',
    async check(backend) {
      const session = await backend.createSession(probe.source());
      for (const frames of [1, 7, 400]) {
        const data = Float32Array.from({ length: frames * 8 }, (_, i) => Math.sin(i));
        const inputs: Tensors = { ...probe.inputs, x: { type: 'float32', data, dims: [1, frames, 8] } };
        const first = await session.run(inputs);
        equal([...first.y.dims], [1, frames, 4]);
        equal([...(await session.run(inputs)).y.data], [...first.y.data]);
      }
      await session.release();
    },
  },
  {
    name: 'serializes concurrent runs, also of different sessions',
    async check(backend) {
      const sessions = await Promise.all([1, 2, 3].map(() => backend.createSession(probe.source())));
      const runs = Array.from({ length: 12 }, (_, i) => sessions[i % 3].run(probe.inputs));
      for (const outputs of await Promise.all(runs)) checkKnownAnswer(outputs, probe.outputs);
      await Promise.all(sessions.map((session) => session.release()));
    },
  },
  {
    name: 'leaves the queue when the signal aborts, and continues for the others',
    async check(backend) {
      const session = await backend.createSession(probe.source());
      const client = new AbortController();
      const before = session.run(probe.inputs);
      const aborted = session.run(probe.inputs, client.signal);
      const after = session.run(probe.inputs);
      const reason = new Error('client went away');
      client.abort(reason);
      equal((await failure(aborted)) === reason, true);
      equal((await failure(session.run(probe.inputs, client.signal))) === reason, true);
      checkKnownAnswer(await before, probe.outputs);
      checkKnownAnswer(await after, probe.outputs);
      await session.release();
    },
  },
  {
    name: 'reports invalid and truncated graphs, missing weights and wrong inputs, and works afterwards',
    async check(backend) {
      const { graph, externalData } = probe.source();
      const notAGraph = new TextEncoder().encode('<!doctype html><title>404</title>');
      await refuses(backend.createSession({ graph: notAGraph, externalData }));
      await refuses(backend.createSession({ graph: graph.subarray(0, graph.length / 2), externalData }));
      await refuses(backend.createSession({ graph, externalData: [] }));

      const session = await backend.createSession(probe.source());
      const { x, language } = probe.inputs;
      await refuses(session.run({ x }));
      await refuses(session.run({ x: { ...x, dims: [1, 8, 5] }, language }));
      await refuses(session.run({ x: { ...x, dims: [1, 5, 9] }, language }));
      checkKnownAnswer(await session.run(probe.inputs), probe.outputs);
      await session.release();
    },
  },
  {
    name: 'refuses to run a released session, and can be released twice',
    async check(backend) {
      const session = await backend.createSession(probe.source());
      await session.release();
      await session.release();
      await refuses(session.run(probe.inputs));
    },
  },
];

/**
 * Runs packed stages on their known inputs.
 * @throws {InferenceError} naming stage and output, when an answer differs by more than `tolerance`.
 */
export async function checkPackedStages(
  backend: InferenceBackend,
  stages: readonly PackedStage[],
  tolerance?: number,
): Promise<void> {
  if (stages.length === 0) throw new Error('there are no stages to check');
  for (const { name, source, inputs, outputs } of stages) {
    const session = await backend.createSession(source);
    const actual = await session.run(inputs);
    await session.release();
    try {
      checkKnownAnswer(actual, outputs, tolerance);
    } catch (error) {
      throw new InferenceError(`${name}: ${(error as Error).message}`);
    }
  }
}

function equal(actual: unknown, expected: unknown) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

/** What a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

async function refuses(promise: Promise<unknown>) {
  const error = await failure(promise);
  if (!(error instanceof InferenceError)) throw new Error(`expected an InferenceError, got ${error}`);
}

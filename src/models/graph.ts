import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelFault } from './manifest.ts';

/** How graphs are run. */
export interface GraphOptions {
  /** onnxruntime's names (`cpu`, `cuda`, `webgpu`) in order of preference. */
  readonly providers: readonly string[];
  /** Threads within one operation. */
  readonly threads: number;
}

/** Element types that drivers use. */
export type ElementType = 'float32' | 'int64' | 'int32' | 'bool';

/** The expected properties of an input or output: its type, and its shape, in which -1 is any length. */
export interface ValueShape {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** May the graph lack it? */
  readonly optional?: boolean;
}

/** The expected inputs and outputs of a graph. */
export interface GraphSignature {
  readonly inputs: Readonly<Record<string, ValueShape>>;
  readonly outputs: Readonly<Record<string, ValueShape>>;
}

/** An ONNX graph that is ready to run. */
export interface Graph {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Checks its inputs and outputs.
   * @param name for the message.
   * @throws {ModelFault} which names the first that is missing, or has another type or shape; also for unexpected inputs.
   */
  expect(name: string, signature: GraphSignature): void;
  /** Runs it once. Occupies this thread. */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** onnxruntime-node, loaded at first use. */
export async function runtime() {
  const ort = await import('onnxruntime-node');
  // Errors are thrown; without this the runtime would also print them.
  ort.env.logLevel = 'fatal';
  return ort;
}

/**
 * Opens an ONNX file. This detects unsupported operators, damaged files and unknown versions.
 * @param path of the file; weights in other files are in the same folder.
 * @throws {ModelFault}
 */
export async function openGraph(path: string, name: string, options: GraphOptions): Promise<Graph> {
  const ort = await runtime();
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(path, {
      executionProviders: [...options.providers],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      // Threads that wait for work by spinning take the core from those that have some.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw new ModelFault(`${name} cannot be opened: ${reasonOf(cause)}`, { cause });
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    expect: (what, signature) => expectSignature(what, session, signature),
    run: async (inputs, outputs) => {
      const made = outputs ? await session.run(inputs, [...outputs]) : await session.run(inputs);
      return made as Record<string, Tensor>;
    },
    release: () => session.release(),
  };
}

function expectSignature(name: string, session: InferenceSession, { inputs, outputs }: GraphSignature): void {
  const sides = [
    ['input', session.inputMetadata, inputs],
    ['output', session.outputMetadata, outputs],
  ] as const;
  for (const [side, metadata, expected] of sides) {
    for (const [wanted, { type, shape, optional }] of Object.entries(expected)) {
      const found = metadata.find((one) => one.name === wanted);
      if (found === undefined) {
        if (optional) continue;
        const there = metadata.map((one) => one.name).join(', ');
        throw new ModelFault(`${name} has no ${side} "${wanted}"; it has: ${there}`);
      }
      if (!found.isTensor) throw new ModelFault(`${name}: ${side} "${wanted}" is not a tensor`);
      if (found.type !== type) {
        throw new ModelFault(`${name}: ${side} "${wanted}" is of type ${found.type}, not ${type}`);
      }
      if (!fits(found.shape, shape)) {
        throw new ModelFault(
          `${name}: ${side} "${wanted}" has the shape ${shapeText(found.shape)}, not ${shapeText(shape)}`,
        );
      }
    }
    const strange = metadata.find((one) => !Object.hasOwn(expected, one.name));
    if (side === 'input' && strange !== undefined) {
      throw new ModelFault(`${name} has an input "${strange.name}" that its driver does not support`);
    }
  }
}

/** Names of dynamic dimensions, and lengths that a graph leaves open, fit any length. */
function fits(found: readonly (number | string)[], expected: readonly number[]): boolean {
  // A graph without shapes cannot be checked.
  if (found.length === 0 && expected.length > 0) return true;
  if (found.length !== expected.length) return false;
  return found.every(
    (size, i) => typeof size === 'string' || size < 0 || expected[i] < 0 || size === expected[i],
  );
}

const shapeText = (shape: readonly (number | string)[]): string =>
  `[${shape.map((size) => (size === -1 || size === '' ? 'any' : size)).join(', ')}]`;

const MAX_REASON = 300;

/** The message of the runtime, in one line without its source files. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .replace(/\s+/g, ' ')
    .replace(/\/\S+\/(onnxruntime\/)?\S+?:\d+ /g, '')
    .trim();
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON - 1)}…` : line;
}

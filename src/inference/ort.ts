import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import {
  type GraphSession,
  type GraphSource,
  type InferenceBackend,
  InferenceError,
  type Tensor,
  type Tensors,
} from './backend.ts';
import type { CallQueue } from './queue.ts';

/** The part of onnxruntime's JavaScript interface that is used; onnxruntime-web and onnxruntime-node both have it. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(graph: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: {
    new (type: 'float32', data: Float32Array, dims: readonly number[]): OrtTensor;
    new (type: 'int64', data: BigInt64Array, dims: readonly number[]): OrtTensor;
  };
}

/** Differences between the onnxruntime drivers. */
export interface OrtDriver {
  readonly name: string;
  /** Starts the runtime. Called again after a failure, never after a success. */
  start(): Promise<OrtRuntime>;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** All calls into the runtime go through it. */
  readonly queue: CallQueue;
  readonly memoryBytes?: () => number;
}

/**
 * Turns a driver into a backend: tensors to onnxruntime's and back, one call at a time, errors as {@link InferenceError}.
 * A runtime that fails to start is started again at the next call.
 */
export function createOrtBackend(driver: OrtDriver): InferenceBackend {
  let runtime: OrtRuntime | undefined;
  const { queue } = driver;
  return {
    name: driver.name,
    memoryBytes: driver.memoryBytes,
    createSession: (source) =>
      queue(async () => {
        runtime ??= await guard('The inference runtime does not start', () => driver.start());
        const session = await createOrtSession(runtime, source, driver.sessionOptions);
        return wrapSession(runtime, session, queue);
      }),
  };
}

function createOrtSession(
  runtime: OrtRuntime,
  source: GraphSource,
  sessionOptions: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return guard('The graph cannot be loaded', () =>
    runtime.InferenceSession.create(source.graph, {
      ...sessionOptions,
      externalData: source.externalData.map(({ path, data }) => ({ path, data })),
    }),
  );
}

function wrapSession(runtime: OrtRuntime, session: InferenceSession, queue: CallQueue): GraphSession {
  let released = false;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (inputs, signal) =>
      queue(() => {
        if (released) throw new InferenceError('The session has been released');
        return guard('The graph cannot be run', async () =>
          fromOrt(await session.run(toOrt(runtime, inputs))),
        );
      }, signal),
    release: () =>
      queue(async () => {
        if (released) return;
        released = true;
        await guard('The session cannot be released', () => session.release());
      }),
  };
}

function toOrt(runtime: OrtRuntime, tensors: Tensors): Record<string, OrtTensor> {
  const converted: Record<string, OrtTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    converted[name] =
      tensor.type === 'int64'
        ? new runtime.Tensor('int64', tensor.data, tensor.dims)
        : new runtime.Tensor('float32', tensor.data, tensor.dims);
  }
  return converted;
}

function fromOrt(outputs: InferenceSession.OnnxValueMapType): Tensors {
  const converted: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const tensor = value as OrtTensor;
    const { data, dims } = tensor;
    if (data instanceof Float32Array) converted[name] = { type: 'float32', data, dims };
    else if (data instanceof BigInt64Array) converted[name] = { type: 'int64', data, dims };
    else
      throw new InferenceError(
        `Output "${name}" is of type ${tensor.type}; only float32 and int64 are known`,
      );
  }
  return converted;
}

/** Runs a call into the runtime and converts its errors to {@link InferenceError}. */
async function guard<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw new InferenceError(`${what}: ${reason(error)}`, { cause: error });
  }
}

// onnxruntime-web throws bare numbers (C++ exception pointers) when the runtime itself gives up.
function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A dense tensor in row-major order. */
export type Tensor =
  | { readonly type: 'float32'; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: 'int64'; readonly data: BigInt64Array; readonly dims: readonly number[] };

/** Tensors by input or output name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** One ONNX graph and the external weight files that it names. */
export interface GraphSource {
  /** The `.onnx` file, without its weights. */
  readonly graph: Uint8Array;
  /** Files named by the graph's external-data locations. The backend may drop its reference when the session is created. */
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** A graph made ready to run. */
export interface GraphSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Whether it rounds activations differently from the graph. The self-test then compares its answers with those of unrounded activations.
   */
  readonly ownRounding?: boolean;
  /**
   * Whether it can run a sequence in pieces that follow each other, without computing any frame twice. A piece has two more inputs: `state`
   * (float32 [1, n]: empty for the first piece, then the output `state` of the piece before) and `last` (int64 [1]: 1 for the last piece,
   * otherwise 0). The run of a piece that is not the last returns fewer frames than it is given, by the frames that the network looks ahead; the
   * run of the next piece returns those first.
   */
  readonly streams?: boolean;
  /**
   * Runs the graph once. Calls are serialized by backends of onnxruntime, which allows one at a time.
   * @param given whether the backend may take ownership of the inputs, to transfer them to another thread without a copy.
   * @throws {InferenceError} when the runtime refuses the inputs or fails.
   * @throws the signal's reason, when it aborts before the run starts.
   */
  run(inputs: Tensors, signal?: AbortSignal, given?: boolean): Promise<Tensors>;
  /** Frees the session's memory inside the runtime. A second call does nothing. */
  release(): Promise<void>;
}

/** An execution provider that was tried and not taken. */
export interface RefusedProvider {
  readonly provider: string;
  /** For a person to read. */
  readonly reason: string;
}

/** A runtime that turns graphs into sessions. Drivers: `wasm` (workerd), `web` (browser), `native` (Node). */
export interface InferenceBackend {
  /** `wasm`, `web-webgpu`, `web-wasm`, `native-cpu`, … : driver and execution provider, for logs and health pages. */
  readonly name: string;
  /** Providers that were preferred to this one, and why they don't run. */
  readonly refused?: readonly RefusedProvider[];
  /** @throws {InferenceError} when the graph or its weights can't be loaded. */
  createSession(source: GraphSource): Promise<GraphSession>;
  /** Bytes of the runtime's linear memory, where it has one (WASM); it never shrinks. */
  memoryBytes?(): number;
}

/** A failure inside the inference runtime. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';
  readonly code = 'inference_failed';
}

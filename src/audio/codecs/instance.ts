/** Exports of a codec that emscripten built in standalone mode. */
export interface CommonExports {
  readonly memory: WebAssembly.Memory;
  readonly malloc: (bytes: number) => number;
  readonly free: (pointer: number) => void;
  readonly _initialize: () => void;
}

const WASM_PAGE = 65_536;
/** Memory of an instance whose state is saved, in bytes. One encoder never needs more. */
const OWN_BYTES = 16 * WASM_PAGE;

/** An instantiated codec. */
export class Codec<Exports extends CommonExports> {
  readonly exports: Exports;
  readonly #onCrash: () => void;

  constructor(exports: Exports, onCrash: () => void) {
    this.exports = exports;
    this.#onCrash = onCrash;
  }

  /** A view of the codec's memory, valid until the codec allocates. */
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, pointer, length);
  }

  /** A copy of its memory up to the last byte that is not 0, from which another instance of the same module can continue. */
  image(): Uint8Array {
    const memory = new Uint8Array(this.exports.memory.buffer);
    let length = memory.length;
    while (length > 0 && memory[length - 1] === 0) length--;
    return memory.slice(0, length);
  }

  /** Grows its memory to at least this many bytes. */
  reserve(bytes: number): void {
    const { memory } = this.exports;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE));
  }

  /** Replaces its memory by an {@link image}. Between two calls a codec's whole state is in its memory. */
  restore(image: Uint8Array): void {
    this.reserve(image.length);
    const bytes = new Uint8Array(this.exports.memory.buffer);
    bytes.set(image);
    bytes.fill(0, image.length);
  }

  /** @throws {Error} when the codec is out of memory. */
  allocate(bytes: number): number {
    const pointer = this.guard(() => this.exports.malloc(bytes));
    if (pointer === 0) throw new Error(`codec is out of memory for ${bytes} bytes`);
    return pointer;
  }

  /** Calls the codec. After a crash its memory is invalid, so later encoders get a new instance. */
  guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.#onCrash();
      throw error;
    }
  }
}

/**
 * Instantiates a codec on first use and shares it: an instance takes 5 MiB, an encoder inside it 1 to 2 MiB more.
 * @returns a function that gives the shared codec, or makes a new one after a crash or a failed load.
 */
export function sharedCodec<Exports extends CommonExports>(
  load: () => Promise<WebAssembly.Module>,
): () => Promise<Codec<Exports>> {
  let shared: Codec<Exports> | undefined;
  // Only set while the codec is loading, because in workerd a request must not await a promise of another request. Loading never waits there.
  let loading: Promise<Codec<Exports>> | undefined;

  async function start(): Promise<Codec<Exports>> {
    try {
      const codec = instantiate<Exports>(await load(), () => {
        if (shared === codec) shared = undefined;
      });
      shared = codec;
      return codec;
    } finally {
      loading = undefined;
    }
  }

  return async () => {
    if (shared) return shared;
    loading ??= start();
    return await loading;
  };
}

/** A codec instance with a single encoder. */
export interface OwnCodec<Exports extends CommonExports> {
  readonly codec: Codec<Exports>;
  /** Call it when the encoder has finished. */
  release(): void;
}

/**
 * Instantiates codecs for encoders whose state is saved and restored. Released instances are reused, because each takes 1 MiB and the
 * engine may free them late. All have the same memory size, because a saved state may use any of it.
 * @returns a function that returns an instance in its initial state.
 */
export function ownCodecs<Exports extends CommonExports>(
  load: () => Promise<WebAssembly.Module>,
): () => Promise<OwnCodec<Exports>> {
  const idle: Codec<Exports>[] = [];
  let pristine: Uint8Array | undefined;
  return async () => {
    let crashed = false;
    const codec =
      idle.pop() ??
      instantiate<Exports>(await load(), () => {
        crashed = true;
      });
    codec.reserve(OWN_BYTES);
    pristine ??= codec.image();
    codec.restore(pristine);
    let released = false;
    return {
      codec,
      release() {
        if (!released && !crashed) idle.push(codec);
        released = true;
      },
    };
  };
}

/** Synchronous, because instances are shared: in workerd a request must not await a promise of another request. */
function instantiate<Exports extends CommonExports>(module: WebAssembly.Module, onCrash: () => void) {
  const instance = new WebAssembly.Instance(module, imports);
  const exports = instance.exports as unknown as Exports;
  exports._initialize();
  return new Codec(exports, onCrash);
}

// The codecs write no files. An exit counts as a crash.
const imports = {
  wasi_snapshot_preview1: {
    fd_close: () => 0,
    fd_seek: () => 0,
    fd_write: () => 0,
    proc_exit: (status: number) => {
      throw new Error(`codec exited with status ${status}`);
    },
  },
  env: { emscripten_notify_memory_growth: () => {} },
};

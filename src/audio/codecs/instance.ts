/** What every codec built by emscripten in standalone mode exports. */
export interface CommonExports {
  readonly memory: WebAssembly.Memory;
  readonly malloc: (bytes: number) => number;
  readonly free: (pointer: number) => void;
  readonly _initialize: () => void;
}

/** A codec made ready. */
export class Codec<Exports extends CommonExports> {
  readonly exports: Exports;
  readonly #onCrash: () => void;

  constructor(exports: Exports, onCrash: () => void) {
    this.exports = exports;
    this.#onCrash = onCrash;
  }

  /** A view of the codec's memory; stale once the codec allocates. */
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, pointer, length);
  }

  /** @throws {Error} when the codec is out of memory. */
  allocate(bytes: number): number {
    const pointer = this.guard(() => this.exports.malloc(bytes));
    if (pointer === 0) throw new Error(`codec is out of memory for ${bytes} bytes`);
    return pointer;
  }

  /** Runs a call into the codec. If it crashes, its memory can't be trusted: later encoders get a new instance. */
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
 * Makes a codec on first use and shares it from then on: an instance takes 16 MiB, an encoder inside it less than one.
 * @returns a function that gives the shared codec, or makes a new one after a crash or a failed load.
 */
export function sharedCodec<Exports extends CommonExports>(
  load: () => Promise<WebAssembly.Module>,
): () => Promise<Codec<Exports>> {
  let current: Promise<Codec<Exports>> | undefined;
  return () => {
    if (current) return current;
    const forget = () => {
      if (current === attempt) current = undefined;
    };
    const attempt = load().then((module) => {
      // Not the asynchronous way: in workerd a promise ends with the request that waits for it, and this one is shared.
      const instance = new WebAssembly.Instance(module, imports);
      const exports = instance.exports as unknown as Exports;
      exports._initialize();
      return new Codec(exports, forget);
    });
    attempt.catch(forget);
    current = attempt;
    return attempt;
  };
}

// Nothing is ever written, and an exit is a crash.
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

const NOTHING = new Uint8Array(0);

/** Joins pieces into one array that shares no memory with them. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return pieces.length === 0 ? NOTHING : laid(new Uint8Array(lengthOf(pieces)), pieces);
}

/** As {@link concatBytes}, of 16-bit samples. */
export function concatSamples(pieces: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  return laid(new Int16Array(lengthOf(pieces)), pieces);
}

/** As {@link concatBytes}, of float samples. */
export function concatFloats(pieces: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  return laid(new Float32Array(lengthOf(pieces)), pieces);
}

function lengthOf(pieces: readonly { readonly length: number }[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

type Values = Uint8Array | Int16Array | Float32Array;

function laid<T extends Values>(whole: T, pieces: readonly Values[]): T {
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes of an ASCII text. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Cuts a stream of samples into frames of one size, whatever the pieces it comes in. */
export class Framer {
  readonly #frame: Int16Array;
  #filled = 0;

  /** @param size samples per frame. */
  constructor(size: number) {
    this.#frame = new Int16Array(size);
  }

  /** Calls `use` with every frame that is full now. The frame is reused: `use` must not keep it. */
  push(samples: Int16Array, use: (frame: Int16Array) => void): void {
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(samples.length - at, this.#frame.length - this.#filled);
      this.#frame.set(samples.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#frame.length) return;
      this.#filled = 0;
      use(this.#frame);
    }
  }

  /** Samples of the frame that never filled up, 0 to `size` - 1 of them. */
  rest(): Int16Array {
    const rest = this.#frame.slice(0, this.#filled);
    this.#filled = 0;
    return rest;
  }
}

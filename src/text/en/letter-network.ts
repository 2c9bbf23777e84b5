/**
 * Layout of the network in `en.fallback.bin`, little-endian: a bidirectional LSTM of two layers over letters, which gives the probability
 * of each label (the phonemes of a letter: none, one or two) at each letter.
 *
 * | bytes | what |
 * |---|---|
 * | u8, u8, u16 | cells of a direction H, size of a letter's vector E, labels |
 * | … | each label: phonemes (u8, then positions in `SYMBOLS`); zeros up to a multiple of 4 |
 * | matrix 27 × E | vectors of the letters, `a` is 1 |
 * | … | for each layer, forward then backward: matrix 4H × input, matrix 4H × H, f32 × 4H biases. Gates: input, forget, cell, output |
 * | matrix labels × 2H, f32 × labels | output and its biases |
 *
 * A matrix is f32 × rows scales, i8 × rows × columns, zeros up to a multiple of 4.
 */
export class LetterNetwork {
  readonly #labels = new Map<string, number>();
  readonly #cells: number;
  readonly #letters: Matrix;
  readonly #layers: readonly (readonly [Direction, Direction])[];
  readonly #output: Matrix;
  readonly #bias: Float32Array;

  /** @throws {RangeError} when the bytes are no network of this layout. */
  constructor(bytes: Uint8Array) {
    const read = new Reader(bytes);
    this.#cells = read.byte();
    const size = read.byte();
    const labels = read.byte() | (read.byte() << 8);
    for (let label = 0; label < labels; label++) {
      const ids = Array.from({ length: read.byte() }, () => read.byte());
      this.#labels.set(ids.join(), label);
    }
    read.align();
    this.#letters = read.matrix(27, size);
    this.#layers = [size, 2 * this.#cells].map((input) => [
      read.direction(input, this.#cells),
      read.direction(input, this.#cells),
    ]);
    this.#output = read.matrix(labels, 2 * this.#cells);
    this.#bias = read.floats(labels);
  }

  /** Number of the label of these phonemes (positions in `SYMBOLS`); -1 where there is none. */
  label(ids: readonly number[]): number {
    return this.#labels.get(ids.join()) ?? -1;
  }

  /**
   * Natural logs of the probabilities of the labels at each letter. About 1.1 million multiplications a letter.
   * @param letters `a` to `z`.
   */
  read(letters: string): readonly Float32Array[] {
    let inputs = Array.from(letters, (letter) => this.#letters.row(letter.charCodeAt(0) - 96));
    for (const [forward, backward] of this.#layers) {
      const ahead = run(forward, inputs, this.#cells);
      const back = run(backward, [...inputs].reverse(), this.#cells).reverse();
      inputs = ahead.map((state, i) => {
        const both = new Float32Array(2 * this.#cells);
        both.set(state);
        both.set(back[i], this.#cells);
        return both;
      });
    }
    return inputs.map((state) => logSoftmax(this.#output.times(state, Float32Array.from(this.#bias))));
  }
}

interface Direction {
  readonly input: Matrix;
  readonly recurrent: Matrix;
  readonly bias: Float32Array;
}

class Matrix {
  readonly #rows: number;
  readonly #columns: number;
  readonly #values: Float32Array;

  constructor(rows: number, columns: number, values: Float32Array) {
    this.#rows = rows;
    this.#columns = columns;
    this.#values = values;
  }

  row(index: number): Float32Array {
    return this.#values.subarray(index * this.#columns, (index + 1) * this.#columns);
  }

  /** Adds the product with a vector to `sum`, and returns that. */
  times(vector: Float32Array, sum: Float32Array): Float32Array {
    const values = this.#values;
    for (let row = 0, at = 0; row < this.#rows; row++) {
      let total = 0;
      for (let column = 0; column < this.#columns; column++, at++) total += values[at] * vector[column];
      sum[row] += total;
    }
    return sum;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#bytes[this.#take(1)];
  }

  align(): void {
    this.#at = (this.#at + 3) & ~3;
  }

  floats(count: number): Float32Array {
    const at = this.#take(4 * count);
    return Float32Array.from({ length: count }, (_, i) => this.#view.getFloat32(at + 4 * i, true));
  }

  matrix(rows: number, columns: number): Matrix {
    const scales = this.floats(rows);
    const at = this.#take(rows * columns);
    this.align();
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < values.length; i++) {
      values[i] = this.#view.getInt8(at + i) * scales[Math.floor(i / columns)];
    }
    return new Matrix(rows, columns, values);
  }

  direction(input: number, cells: number): Direction {
    return {
      input: this.matrix(4 * cells, input),
      recurrent: this.matrix(4 * cells, cells),
      bias: this.floats(4 * cells),
    };
  }

  #take(length: number): number {
    if (this.#at + length > this.#bytes.length) throw new RangeError('letter-to-sound network is cut short');
    this.#at += length;
    return this.#at - length;
  }
}

/** One direction of an LSTM layer (Hochreiter & Schmidhuber 1997, with a forget gate). */
function run(
  { input, recurrent, bias }: Direction,
  inputs: readonly Float32Array[],
  cells: number,
): Float32Array[] {
  const memory = new Float32Array(cells);
  let state: Float32Array = new Float32Array(cells);
  return inputs.map((vector) => {
    const gates = recurrent.times(state, input.times(vector, Float32Array.from(bias)));
    const next = new Float32Array(cells);
    for (let i = 0; i < cells; i++) {
      const kept = sigmoid(gates[cells + i]) * memory[i];
      memory[i] = kept + sigmoid(gates[i]) * Math.tanh(gates[2 * cells + i]);
      next[i] = sigmoid(gates[3 * cells + i]) * Math.tanh(memory[i]);
    }
    state = next;
    return next;
  });
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logSoftmax(logits: Float32Array): Float32Array {
  const high = logits.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - high), 0);
  return logits.map((value) => value - high - Math.log(total));
}

import { nextTurn } from '../base/turns.ts';
import { createFilterBank, type FilterBank } from './resample.ts';
import { SAMPLE_RATE, toFloat32Array, toInt16Bytes } from './samples.ts';

/** Input samples that are filtered at a stretch: about 2 ms of work. */
const SAMPLES_AT_ONCE = 2 ** 13;

/** Changes the sample rate of a signal that arrives in pieces, with the filter of `resample`. Pieces of any length give the same output. */
export class StreamResampler {
  readonly #bank: FilterBank;
  readonly #from: number;
  readonly #to: number;
  /** Input samples from {@link #first} on. */
  #held: Float32Array;
  /** Index in the input of the first held sample; negative for the silence before the start. */
  #first: number;
  #received = 0;
  #made = 0;

  constructor(from: number, to: number) {
    this.#bank = createFilterBank(from, to);
    this.#from = from;
    this.#to = to;
    this.#held = new Float32Array(this.#bank.reach);
    this.#first = -this.#bank.reach;
  }

  /** Takes the next samples and returns those that are complete. */
  push(samples: Float32Array): Float32Array {
    this.#received += samples.length;
    return this.#take(samples, Number.POSITIVE_INFINITY);
  }

  /** Returns the rest: in all, ceil(samples * to / from) samples were made. */
  finish(): Float32Array {
    const total = Math.ceil((this.#received * this.#to) / this.#from);
    return this.#take(new Float32Array(this.#bank.reach + 1), total);
  }

  #take(samples: Float32Array, most: number): Float32Array {
    const { reach } = this.#bank;
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    const end = this.#first + held.length;
    const output: number[] = [];
    for (; this.#made < most; this.#made++) {
      const whole = Math.floor((this.#made * this.#from) / this.#to);
      if (whole + reach >= end) break;
      output.push(this.#bank.at(held, whole - this.#first - reach + 1, this.#made));
    }
    const needed = Math.floor((this.#made * this.#from) / this.#to) - reach + 1;
    const drop = Math.min(held.length, Math.max(0, needed - this.#first));
    this.#held = held.slice(drop);
    this.#first += drop;
    return Float32Array.from(output);
  }
}

/** Length in samples of 24 kHz audio at another rate. */
export function resampledLength(samples: number, rate: number): number {
  return Math.ceil((samples * rate) / SAMPLE_RATE);
}

/**
 * Changes the rate of 16-bit little-endian samples at 24 kHz as they arrive. A piece may end within a sample.
 * @param rate samples per second to make.
 */
export async function* resamplePcm(
  pieces: AsyncIterable<Uint8Array>,
  rate: number,
): AsyncGenerator<Uint8Array, void> {
  const resampler = new StreamResampler(SAMPLE_RATE, rate);
  let odd: number | undefined;
  for await (const piece of pieces) {
    const bytes = odd === undefined ? piece : joined(odd, piece);
    const samples = new DataView(bytes.buffer, bytes.byteOffset);
    const count = bytes.length >> 1;
    odd = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
    for (let at = 0; at < count; at += SAMPLES_AT_ONCE) {
      const part = new Int16Array(Math.min(SAMPLES_AT_ONCE, count - at));
      for (let i = 0; i < part.length; i++) part[i] = samples.getInt16(2 * (at + i), true);
      const made = resampler.push(toFloat32Array(part));
      if (made.length > 0) yield toInt16Bytes(made);
      if (at + SAMPLES_AT_ONCE < count) await nextTurn();
    }
  }
  const rest = resampler.finish();
  if (rest.length > 0) yield toInt16Bytes(rest);
}

function joined(first: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(rest.length + 1);
  bytes[0] = first;
  bytes.set(rest, 1);
  return bytes;
}

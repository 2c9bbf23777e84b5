import { freeArrays } from '../../base/free.ts';
import { Limiter } from './limiter.ts';

/** Samples over which an utterance rises from and sinks to silence at its edges: 5 ms. */
const EDGE = 120;

/** Samples over which sound sinks into a break and rises from it: one frame. */
const GATE_EDGE = 300;

/** A stretch of samples. */
export interface SampleRange {
  readonly start: number;
  readonly end: number;
}

/** Changes to an utterance's waveform after the vocoder. Positions are samples of that waveform. */
export interface Finish {
  /** Amplitude factor per frame [T]; frame t is samples t * hop to (t + 1) * hop. */
  readonly gain: Float32Array;
  readonly hop: number;
  /** Stretches that are to be silent. */
  readonly gates: readonly SampleRange[];
  /** Silence to put in, in order. */
  readonly silences: readonly { readonly at: number; readonly samples: number }[];
}

/**
 * Finishes an utterance chunk by chunk: gain, gates, soft edges, limiter, then the silences.
 * The edges are faded whether or not they are quiet already, so that utterances can be put one after the other without a click.
 */
export async function* finishWaveform(
  chunks: AsyncIterable<Float32Array>,
  finish: Finish,
): AsyncGenerator<Float32Array> {
  const length = finish.gain.length * finish.hop;
  const limiter = new Limiter();
  const silencer = new Silencer(finish.silences);
  const plain = finish.gain.every((value) => value === 1);
  let at = 0;
  for await (const chunk of chunks) {
    if (!plain) applyGain(chunk, at, finish);
    for (const gate of finish.gates) applyGate(chunk, at, gate);
    applyEdges(chunk, at, length);
    at += chunk.length;
    const limited = limiter.push(chunk);
    freeArrays(chunk);
    yield* silencer.pass(limited);
  }
  yield* silencer.pass(limiter.flush());
  yield* silencer.rest();
}

/** Linear between the frames' centres. */
function applyGain(chunk: Float32Array, at: number, { gain, hop }: Finish): void {
  const last = gain.length - 1;
  for (let n = 0; n < chunk.length; n++) {
    const place = Math.max(0, (at + n + 0.5) / hop - 0.5);
    const frame = Math.min(last, Math.floor(place));
    const next = Math.min(last, frame + 1);
    chunk[n] *= gain[frame] + (place - frame) * (gain[next] - gain[frame]);
  }
}

function applyGate(chunk: Float32Array, at: number, { start, end }: SampleRange): void {
  const edge = Math.min(GATE_EDGE, (end - start) / 2);
  const first = Math.max(0, start - at);
  const stop = Math.min(chunk.length, end - at);
  for (let n = first; n < stop; n++) {
    const inside = Math.min(at + n - start, end - 1 - at - n);
    chunk[n] *= inside < edge ? raisedCosine(1 - inside / edge) : 0;
  }
}

function applyEdges(chunk: Float32Array, at: number, length: number): void {
  const edge = Math.min(EDGE, length / 2);
  for (let n = 0; n < chunk.length && at + n < edge; n++) chunk[n] *= raisedCosine((at + n) / edge);
  for (let n = chunk.length - 1; n >= 0 && length - 1 - at - n < edge; n--) {
    chunk[n] *= raisedCosine((length - 1 - at - n) / edge);
  }
}

/** 0 at 0, 1 at 1, flat at both. */
function raisedCosine(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x);
}

/** Puts silence into a stream of samples at given places. */
class Silencer {
  readonly #silences: { at: number; samples: number }[];
  #at = 0;

  constructor(silences: Finish['silences']) {
    this.#silences = silences.filter(({ samples }) => samples > 0).map((silence) => ({ ...silence }));
  }

  *pass(samples: Float32Array): Generator<Float32Array> {
    let from = 0;
    const end = this.#at + samples.length;
    while (this.#silences[0]?.at < end) {
      const cut = this.#silences[0].at - this.#at;
      if (cut > from) yield samples.subarray(from, cut);
      from = Math.max(from, cut);
      yield* this.#next();
    }
    if (from < samples.length) yield samples.subarray(from);
    this.#at = end;
  }

  *rest(): Generator<Float32Array> {
    while (this.#silences.length > 0) yield* this.#next();
  }

  /** At most a second at a time: a long break takes no memory. */
  *#next(): Generator<Float32Array> {
    const silence = this.#silences.shift();
    for (let left = silence?.samples ?? 0; left > 0; left -= 24_000) {
      yield new Float32Array(Math.min(left, 24_000));
    }
  }
}

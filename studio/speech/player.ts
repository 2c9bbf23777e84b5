import { signal } from '@preact/signals';

/** Rate of all speech. */
export const SAMPLE_RATE = 24_000;
/** Seconds between a piece's arrival and its sound when nothing is queued: enough for the audio thread to take it. */
const LEAD = 0.03;

interface Piece {
  readonly samples: Float32Array<ArrayBuffer>;
  /** First sample of it in the whole. */
  readonly offset: number;
  /** Time of the audio clock at which its first sample sounds or has sounded; undefined before it is scheduled. */
  when?: number;
}

/**
 * Plays samples as they arrive: each piece is scheduled after the previous one on the audio clock, so that playback starts early and
 * without gaps. Web Audio buffer sources are used and no AudioWorklet, because a worklet needs a secure context.
 */
export class Player {
  /** Whether it sounds, or would if there were more samples. */
  readonly playing = signal(false);
  /** Samples that have arrived. */
  readonly length = signal(0);
  #context: AudioContext | undefined;
  #pieces: Piece[] = [];
  #sources = new Set<AudioBufferSourceNode>();
  /** Position of the next piece on the audio clock. */
  #next = 0;
  #complete = false;
  /** Position in samples while it does not play. */
  #paused = 0;

  /** Starts anew. Call it in the handler of a user's gesture: browsers allow sound only then. */
  begin(): void {
    this.stop();
    this.#context ??= new AudioContext({ sampleRate: SAMPLE_RATE });
    void this.#context.resume();
    this.#pieces = [];
    this.#complete = false;
    this.#paused = 0;
    this.length.value = 0;
    this.#next = 0;
    this.playing.value = true;
  }

  /** Adds samples behind the others. */
  push(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === 0) return;
    const piece: Piece = { samples, offset: this.length.value };
    this.#pieces.push(piece);
    this.length.value += samples.length;
    if (this.playing.value) this.#schedule(piece, 0);
  }

  /** No more samples come. */
  end(): void {
    this.#complete = true;
    if (this.#pieces.length === 0) this.playing.value = false;
  }

  /** Stops, and stays where it is. */
  stop(): void {
    this.#paused = this.position;
    this.playing.value = false;
    for (const source of this.#sources) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.#sources.clear();
    for (const piece of this.#pieces) piece.when = undefined;
  }

  /** Plays from a sample on. */
  playFrom(sample: number): void {
    if (this.length.value === 0) return;
    this.stop();
    this.#context ??= new AudioContext({ sampleRate: SAMPLE_RATE });
    void this.#context.resume();
    const from = Math.max(0, Math.min(sample, this.length.value - 1));
    this.#paused = from;
    this.#next = 0;
    this.playing.value = true;
    for (const piece of this.#pieces) {
      const skipped = Math.max(0, from - piece.offset);
      if (skipped < piece.samples.length) this.#schedule(piece, skipped);
    }
  }

  /** Plays on, or from the start when it is at the end. */
  resume(): void {
    this.playFrom(this.#paused >= this.length.value - 1 ? 0 : this.#paused);
  }

  /** Goes to a sample, and plays on if it plays. */
  seek(sample: number): void {
    if (this.playing.value) this.playFrom(sample);
    else this.#paused = Math.max(0, Math.min(sample, this.length.value));
  }

  /** The sample that sounds now. */
  get position(): number {
    const now = this.#context?.currentTime ?? 0;
    if (!this.playing.value) return this.#paused;
    let position = this.#paused;
    for (const { when, offset, samples } of this.#pieces) {
      if (when === undefined || when > now) continue;
      position = Math.max(position, offset + Math.min(samples.length, (now - when) * SAMPLE_RATE));
    }
    return position;
  }

  /** All samples in one piece. */
  samples(): Float32Array<ArrayBuffer> {
    const all = new Float32Array(this.length.value);
    for (const { samples, offset } of this.#pieces) all.set(samples, offset);
    return all;
  }

  #schedule(piece: Piece, skipped: number): void {
    const context = this.#context;
    if (!context) return;
    const buffer = context.createBuffer(1, piece.samples.length, SAMPLE_RATE);
    buffer.copyToChannel(piece.samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    const when = Math.max(this.#next, context.currentTime + LEAD);
    source.start(when, skipped / SAMPLE_RATE);
    piece.when = when - skipped / SAMPLE_RATE;
    this.#next = when + (piece.samples.length - skipped) / SAMPLE_RATE;
    this.#sources.add(source);
    source.onended = () => {
      this.#sources.delete(source);
      if (this.#complete && this.#sources.size === 0) {
        this.#paused = this.length.value;
        this.playing.value = false;
      }
    };
  }
}

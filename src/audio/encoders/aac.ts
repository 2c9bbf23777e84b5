import { concatBytes, concatSamples } from '../../base/bytes.ts';
import { AAC_FRAME, type AacSettings, loadAac } from '../codecs/aac.ts';
import type { EncoderOptions } from '../format.ts';
import { SAMPLE_RATE, toInt16Array } from '../samples.ts';
import { id3Tag } from '../tags/id3.ts';
import type { AudioTags } from '../tags/types.ts';
import { scaled } from './mp3.ts';
import type { Sink } from './sink.ts';

/** How all AAC is encoded. At this rate the PESQ score against the input is 4.4; at 64 kbit/s it is 3.0. */
export const AAC_SETTINGS: AacSettings = { sampleRate: SAMPLE_RATE, bitrate: 128_000 };
/** Blocks before and after those of a frame on which its block switching depends. */
const BEFORE = 5;
const AFTER = 3;
/** Frames that are encoded together. A larger group encodes fewer surrounding blocks twice; the first group is smaller, so that the audio starts early. */
const FIRST_GROUP = 4;
const GROUP = 12;

/**
 * Encodes AAC-LC frames from samples that come in pieces. A group of frames is encoded from its blocks and a few before and after them, so a recording can be
 * continued in another process. Groups begin at fixed places: the bytes are the same however the samples are cut.
 */
export class AacWriter {
  readonly #encode: (samples: Float32Array) => Uint8Array[];
  /** The tags, until they are returned. */
  #unsent: Uint8Array[];
  #held: Int16Array[];
  #heldLength: number;
  /** First block in `#held`. */
  #start: number;
  /** The next frame to be written. */
  #next: number;

  /**
   * @param encode of {@link loadAac}.
   * @param tags written before the first frame.
   * @param state of another writer, which this one continues.
   */
  constructor(encode: (samples: Float32Array) => Uint8Array[], tags?: AudioTags, state?: Uint8Array) {
    this.#encode = encode;
    this.#unsent = tags && state === undefined ? [id3Tag(tags)] : [];
    this.#held = [];
    this.#heldLength = 0;
    this.#start = 0;
    this.#next = 0;
    if (state === undefined) return;
    const view = new DataView(state.buffer, state.byteOffset, state.length);
    this.#start = view.getUint32(0, true);
    this.#next = view.getUint32(4, true);
    const samples = new Int16Array((state.length - 8) / 2);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(8 + 2 * i, true);
    this.#held = [samples];
    this.#heldLength = samples.length;
  }

  /** Takes samples. @returns the frames that are complete now, each with its ADTS header. */
  push(samples: Int16Array): Uint8Array {
    this.#held.push(samples.slice());
    this.#heldLength += samples.length;
    const complete = this.#start + Math.floor(this.#heldLength / AAC_FRAME);
    const written = this.#unsent.splice(0);
    while (this.#groupEnd() + AFTER <= complete) written.push(this.#writeGroup());
    return concatBytes(written);
  }

  /** Ends the recording. @returns its last frames. */
  finish(): Uint8Array {
    const frames = this.#start + Math.ceil(this.#heldLength / AAC_FRAME) + 1;
    const written = this.#unsent.splice(0);
    while (this.#next < frames) written.push(this.#writeGroup());
    return concatBytes(written);
  }

  /** State from which a writer in another process continues. */
  state(): Uint8Array {
    const samples = concatSamples(this.#held);
    const state = new Uint8Array(8 + 2 * samples.length);
    const view = new DataView(state.buffer);
    view.setUint32(0, this.#start, true);
    view.setUint32(4, this.#next, true);
    samples.forEach((sample, i) => {
      view.setInt16(8 + 2 * i, sample, true);
    });
    return state;
  }

  /** The frame after the next group. */
  #groupEnd(): number {
    return this.#next === 0 ? FIRST_GROUP : this.#next + GROUP;
  }

  /** Encodes the next group of frames. The last group may be smaller. */
  #writeGroup(): Uint8Array {
    const end = this.#groupEnd();
    const held = concatSamples(this.#held);
    const frames = this.#encode(scaled(held.subarray(0, (end + AFTER - this.#start) * AAC_FRAME)));
    const taken = frames.slice(this.#next - this.#start, end - this.#start);
    this.#next += taken.length;
    // Frame n covers blocks n - 1 and n.
    const keep = Math.max(this.#start, this.#next - 1 - BEFORE);
    this.#held = [held.slice((keep - this.#start) * AAC_FRAME)];
    this.#heldLength = this.#held[0].length;
    this.#start = keep;
    return concatBytes(taken.flatMap((frame) => [adtsHeader(frame.length), frame]));
  }
}

/**
 * Encodes AAC-LC at 128 kbit/s as a stream of ADTS frames. Its length need not be known. As in every ADTS stream, decoders put one frame (43 ms) of silence before the
 * signal, since ADTS has no place to state it.
 */
export async function createAacSink({ tags }: Pick<EncoderOptions, 'tags'>): Promise<Sink> {
  const writer = new AacWriter(await loadAac(AAC_SETTINGS), tags);
  return { push: (samples) => writer.push(toInt16Array(samples)), finish: () => writer.finish() };
}

/** Index of 24 kHz among the rates of AAC. */
const RATE_INDEX = 6;
const ADTS_BYTES = 7;

/** Header of a frame of MPEG-4 AAC-LC, mono, 24 kHz, without checksum (ISO 14496-3, section 1.A.2). */
function adtsHeader(bytes: number): Uint8Array {
  const length = bytes + ADTS_BYTES;
  return Uint8Array.of(
    0xff,
    0xf1,
    // Object type 2 (LC) minus 1, rate, and the first bit of the number of channels.
    (1 << 6) | (RATE_INDEX << 2),
    (1 << 6) | (length >> 11),
    (length >> 3) & 0xff,
    // The buffer's fullness is not stated: all its bits are set.
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
}

import { codecModules } from '#codecs';
import { type Codec, type CommonExports, type OwnCodec, ownCodecs, sharedCodec } from './instance.ts';

interface LameExports extends CommonExports {
  /** @returns 0 when LAME refuses the settings or has no memory. */
  readonly enc_init: (rate: number, kilobits: number, quality: number) => number;
  /** Room for {@link LameExports.enc_most_samples} floats. */
  readonly enc_input: (encoder: number) => number;
  readonly enc_most_samples: () => number;
  /** @returns the number of bytes in the output, or an error below 0. */
  readonly enc_encode: (encoder: number, samples: number) => number;
  readonly enc_flush: (encoder: number) => number;
  readonly enc_output: (encoder: number) => number;
  readonly enc_free: (encoder: number) => void;
}

/** How to encode. */
export interface LameSettings {
  readonly sampleRate: number;
  /** Kilobits per second, constant; one of the rates of MPEG audio. */
  readonly bitrate: number;
  /** 0 (best) to 9 (fastest). */
  readonly quality: number;
}

const codec = sharedCodec<LameExports>(codecModules.mp3);

/**
 * Loads LAME on first use.
 * @returns what makes an encoder there and then.
 * @throws {Error} when LAME can't be loaded.
 */
export async function loadLame(settings: LameSettings): Promise<() => LameEncoder> {
  const loaded = await codec();
  return () => new LameEncoder(loaded, settings);
}

const own = ownCodecs<LameExports>(codecModules.mp3);

/**
 * A mono MP3 encoder in its own instance of LAME, so that its state can be saved.
 * @param state an earlier {@link OwnLameEncoder.state}, from which encoding continues.
 * @throws {Error} when LAME can't be loaded.
 */
export async function openOwnLame(settings: LameSettings, state?: Uint8Array): Promise<OwnLameEncoder> {
  const taken = await own();
  if (state === undefined) return new OwnLameEncoder(taken, new LameEncoder(taken.codec, settings));
  const encoder = new DataView(state.buffer, state.byteOffset).getUint32(0, true);
  taken.codec.restore(state.subarray(4));
  return new OwnLameEncoder(taken, new LameEncoder(taken.codec, encoder));
}

/** Result of {@link openOwnLame}. */
export class OwnLameEncoder {
  readonly #own: OwnCodec<LameExports>;
  readonly #lame: LameEncoder;

  constructor(own: OwnCodec<LameExports>, lame: LameEncoder) {
    this.#own = own;
    this.#lame = lame;
  }

  /** As {@link LameEncoder.encode}. */
  encode(samples: Float32Array): Uint8Array {
    return this.#lame.encode(samples);
  }

  /** As {@link LameEncoder.flush}. */
  flush(): Uint8Array {
    return this.#lame.flush();
  }

  /** The whole memory: 0.6 MB, mostly zeros. */
  state(): Uint8Array {
    const image = this.#own.codec.image();
    const state = new Uint8Array(4 + image.length);
    new DataView(state.buffer).setUint32(0, this.#lame.pointer, true);
    state.set(image, 4);
    return state;
  }

  /** Releases the instance. */
  close(): void {
    this.#own.release();
  }
}

/** One mono MP3 encoder inside the shared LAME, where it takes 0.26 MB. */
export class LameEncoder {
  readonly #codec: Codec<LameExports>;
  /** 0 when freed. */
  #encoder: number;

  /**
   * @param settings of a new encoder, or where one is.
   * @throws {Error} when LAME refuses the settings.
   */
  constructor(codec: Codec<LameExports>, settings: LameSettings | number) {
    this.#codec = codec;
    if (typeof settings === 'number') {
      this.#encoder = settings;
      return;
    }
    const { sampleRate, bitrate, quality } = settings;
    this.#encoder = codec.guard(() => codec.exports.enc_init(sampleRate, bitrate, quality));
    if (this.#encoder === 0) throw new Error('LAME refused its settings');
  }

  /** Address in the codec's memory. */
  get pointer(): number {
    return this.#encoder;
  }

  /**
   * Encodes samples in [-1, 1].
   * @param samples at most two frames of 576.
   * @returns the frames that are complete, in memory of their own.
   */
  encode(samples: Float32Array): Uint8Array {
    const { exports } = this.#codec;
    const encoder = this.#open();
    if (samples.length > exports.enc_most_samples()) throw new RangeError('too many samples for one call');
    new Float32Array(exports.memory.buffer, exports.enc_input(encoder), samples.length).set(samples);
    return this.#output(() => exports.enc_encode(encoder, samples.length));
  }

  /** @returns the last frames. */
  flush(): Uint8Array {
    const encoder = this.#open();
    return this.#output(() => this.#codec.exports.enc_flush(encoder));
  }

  /** Frees its memory. A second call does nothing. */
  close(): void {
    if (this.#encoder === 0) return;
    const encoder = this.#encoder;
    this.#encoder = 0;
    this.#codec.guard(() => this.#codec.exports.enc_free(encoder));
  }

  #open(): number {
    if (this.#encoder === 0) throw new Error('this MP3 encoder is closed');
    return this.#encoder;
  }

  #output(call: () => number): Uint8Array {
    const length = this.#codec.guard(call);
    if (length < 0) throw new Error(`LAME answered ${length}`);
    return this.#codec.bytes(this.#codec.exports.enc_output(this.#encoder), length).slice();
  }
}

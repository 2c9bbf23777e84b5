import { codecModules } from '#codecs';
import { type Codec, type CommonExports, sharedCodec } from './instance.ts';

interface OpusExports extends CommonExports {
  readonly opus_encoder_get_size: (channels: number) => number;
  readonly opus_encoder_init: (state: number, rate: number, channels: number, application: number) => number;
  readonly opus_encoder_ctl_set: (state: number, request: number, value: number) => number;
  readonly opus_encoder_ctl_get: (state: number, request: number) => number;
  readonly opus_encode: (state: number, pcm: number, samples: number, packet: number, size: number) => number;
}

/** Numbers from libopus' `opus_defines.h`. */
const APPLICATION_AUDIO = 2049;
const SIGNAL_VOICE = 3001;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_SIGNAL = 4024;
const GET_LOOKAHEAD = 4027;
/** Maximum size of a packet with one frame (RFC 6716, section 3.2.1). */
const MAX_PACKET = 1275;

/** How to encode. */
export interface OpusSettings {
  readonly sampleRate: number;
  /** Bits per second on average; the rate varies with the speech. */
  readonly bitrate: number;
  /** 0 to 10: higher is better and slower. */
  readonly complexity: number;
  /** Samples in each frame; one of the lengths of Opus, 2.5 to 60 ms. */
  readonly frame: number;
}

const codec = sharedCodec<OpusExports>(codecModules.opus);

/** One mono Opus encoder inside the shared libopus. */
export class OpusEncoder {
  /** Delay of the output in samples. */
  readonly lookahead: number;
  readonly #codec: Codec<OpusExports>;
  readonly #frame: number;
  readonly #stateSize: number;
  /** Address of one allocation with the encoder's state, one frame of input and one packet of output; 0 when freed. */
  #memory: number;
  readonly #input: number;
  readonly #packet: number;

  /** @throws {Error} when libopus can't be loaded or refuses the settings. */
  static async open(settings: OpusSettings): Promise<OpusEncoder> {
    return new OpusEncoder(await codec(), settings);
  }

  private constructor(codec: Codec<OpusExports>, settings: OpusSettings) {
    const { exports } = codec;
    // Sizes in multiples of 8 keep each part aligned.
    const stateSize = (exports.opus_encoder_get_size(1) + 7) & ~7;
    const inputSize = (2 * settings.frame + 7) & ~7;
    this.#codec = codec;
    this.#frame = settings.frame;
    this.#stateSize = stateSize;
    this.#memory = codec.allocate(stateSize + inputSize + MAX_PACKET);
    this.#input = this.#memory + stateSize;
    this.#packet = this.#input + inputSize;
    const state = this.#memory;
    this.#call(() => exports.opus_encoder_init(state, settings.sampleRate, 1, APPLICATION_AUDIO));
    this.#call(() => exports.opus_encoder_ctl_set(state, SET_BITRATE, settings.bitrate));
    this.#call(() => exports.opus_encoder_ctl_set(state, SET_COMPLEXITY, settings.complexity));
    this.#call(() => exports.opus_encoder_ctl_set(state, SET_SIGNAL, SIGNAL_VOICE));
    this.lookahead = this.#call(() => exports.opus_encoder_ctl_get(state, GET_LOOKAHEAD));
  }

  /** Encodes one frame. @returns the packet, in memory of its own. */
  encode(frame: Int16Array): Uint8Array {
    const { exports } = this.#codec;
    if (this.#memory === 0) throw new Error('this Opus encoder is closed');
    new Int16Array(exports.memory.buffer, this.#input, this.#frame).set(frame);
    const length = this.#call(() =>
      exports.opus_encode(this.#memory, this.#input, this.#frame, this.#packet, MAX_PACKET),
    );
    return this.#codec.bytes(this.#packet, length).slice();
  }

  /** State that the next frame depends on. It holds addresses of constants, which are equal in every instance of the module. */
  state(): Uint8Array {
    return this.#codec.bytes(this.#memory, this.#stateSize).slice();
  }

  /**
   * Continues from the state of another encoder with the same settings.
   * @throws {RangeError} when that was another codec's.
   */
  restore(state: Uint8Array): void {
    if (state.length !== this.#stateSize) throw new RangeError('this is not a state of this Opus encoder');
    this.#codec.bytes(this.#memory, this.#stateSize).set(state);
  }

  /** Frees its memory. A second call does nothing. */
  close(): void {
    if (this.#memory === 0) return;
    const memory = this.#memory;
    this.#memory = 0;
    this.#codec.guard(() => this.#codec.exports.free(memory));
  }

  #call(call: () => number): number {
    const result = this.#codec.guard(call);
    if (result >= 0) return result;
    this.close();
    throw new Error(`libopus answered ${result}`);
  }
}

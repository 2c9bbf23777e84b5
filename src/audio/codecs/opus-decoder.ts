import { codecModules } from '#codecs';
import { type Codec, type CommonExports, sharedCodec } from './instance.ts';
import { PacketFault, type SoundDecoder } from './recordings.ts';

interface OpusExports extends CommonExports {
  readonly opus_decoder_get_size: (channels: number) => number;
  readonly opus_decoder_init: (state: number, rate: number, channels: number) => number;
  readonly opus_decode: (
    state: number,
    packet: number,
    length: number,
    pcm: number,
    frames: number,
    fec: number,
  ) => number;
}

const RATE = 48_000;
/** Samples of each channel in a packet: 120 ms (RFC 6716, section 3.2.5). */
const MAX_FRAMES = 5760;
/** 48 frames of 1,275 bytes and their lengths. */
const MAX_PACKET = 61_440;

const codec = sharedCodec<OpusExports>(codecModules.opus);

/** Decodes Opus with one or two channels at 48 kHz, with the libopus that encodes too. */
export class OpusPacketDecoder implements SoundDecoder {
  readonly rate = RATE;
  readonly #codec: Codec<OpusExports>;
  readonly #channels: number;
  readonly #packet: number;
  readonly #pcm: number;
  /** Address of one allocation with the decoder's state, a packet and its samples; 0 when freed. */
  #memory: number;

  /** @throws {Error} when libopus can't be loaded or is out of memory. */
  static async open(channels: 1 | 2): Promise<OpusPacketDecoder> {
    return new OpusPacketDecoder(await codec(), channels);
  }

  private constructor(codec: Codec<OpusExports>, channels: number) {
    const { exports } = codec;
    const stateSize = (exports.opus_decoder_get_size(channels) + 7) & ~7;
    this.#codec = codec;
    this.#channels = channels;
    this.#memory = codec.allocate(stateSize + MAX_PACKET + 2 * channels * MAX_FRAMES);
    this.#packet = this.#memory + stateSize;
    this.#pcm = this.#packet + MAX_PACKET;
    const result = codec.guard(() => exports.opus_decoder_init(this.#memory, RATE, channels));
    if (result < 0) throw new Error(`libopus answered ${result}`);
  }

  decode(packet: Uint8Array): Float32Array {
    if (this.#memory === 0 || packet.length === 0 || packet.length > MAX_PACKET) throw new PacketFault(false);
    const { exports } = this.#codec;
    this.#codec.bytes(this.#packet, packet.length).set(packet);
    const frames = this.#codec.guard(() =>
      exports.opus_decode(this.#memory, this.#packet, packet.length, this.#pcm, MAX_FRAMES, 0),
    );
    if (frames < 0) throw new PacketFault(false);
    const channels = this.#channels;
    const pcm = new Int16Array(exports.memory.buffer, this.#pcm, frames * channels);
    const scale = 1 / (32_768 * channels);
    const samples = new Float32Array(frames);
    for (let n = 0; n < frames; n++) {
      const first = pcm[n * channels];
      samples[n] = scale * (channels === 1 ? first : first + pcm[2 * n + 1]);
    }
    return samples;
  }

  close(): void {
    if (this.#memory === 0) return;
    const memory = this.#memory;
    this.#memory = 0;
    this.#codec.guard(() => this.#codec.exports.free(memory));
  }
}

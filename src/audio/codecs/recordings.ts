import { codecModules } from '#codecs';

/** Codecs of the module, by their numbers in recordings/src/lib.rs. */
const CODECS = { mp3: 0, aac: 1, vorbis: 2, alac: 3 } as const;

/** A codec that {@link PacketDecoder} reads. */
export type PackedCodec = keyof typeof CODECS;

/** Exports of recordings/src/lib.rs. */
interface RecordingExports {
  readonly memory: WebAssembly.Memory;
  readonly input: (length: number) => number;
  readonly open: (codec: number) => number;
  readonly decode: () => number;
  readonly output: () => number;
  readonly rate: () => number;
  readonly close: () => void;
}

const UNSUPPORTED = -2;
/** Bytes of a packet. Those of AAC and MP3 have at most some kilobytes, those of ALAC some hundred. */
const MAX_PACKET = 2 ** 20;
/** An instance whose memory has grown larger is not used again. Memory never shrinks. */
const MAX_IDLE_BYTES = 8 * 2 ** 20;
const MAX_IDLE = 2;

/** Why a packet can't be decoded: the file is damaged, or it uses an unsupported feature. */
export class PacketFault extends Error {
  override readonly name = 'PacketFault';
  readonly unsupported: boolean;

  constructor(unsupported: boolean) {
    super(unsupported ? 'it uses a feature of the codec that is not supported' : 'a packet is damaged');
    this.unsupported = unsupported;
  }
}

/** Decodes packets. */
export interface SoundDecoder {
  /** Hz of the last packet. */
  readonly rate: number;
  /**
   * Decodes a packet.
   * @returns mono samples, in memory of their own.
   * @throws {PacketFault}
   */
  decode(packet: Uint8Array): Float32Array;
  /** Frees its memory. A second call does nothing. */
  close(): void;
}

let compiled: WebAssembly.Module | undefined;
const idle: RecordingExports[] = [];

/** Decodes MP3, AAC-LC, Vorbis and ALAC. Each decoder has an instance of the module to itself, so that a crash ends no other. */
export class PacketDecoder implements SoundDecoder {
  rate = 0;
  #exports: RecordingExports | undefined;

  /**
   * Opens a decoder.
   * @param config `AudioSpecificConfig` of AAC, the identification and the setup header of Vorbis, the magic cookie of ALAC.
   * @throws {PacketFault} for a configuration that is not read.
   */
  static async open(codec: PackedCodec, config: Uint8Array): Promise<PacketDecoder> {
    compiled ??= await codecModules.recordings();
    const exports =
      idle.pop() ?? (new WebAssembly.Instance(compiled, {}).exports as unknown as RecordingExports);
    const decoder = new PacketDecoder(exports);
    decoder.#write(config);
    decoder.#run(() => exports.open(CODECS[codec]));
    return decoder;
  }

  private constructor(exports: RecordingExports) {
    this.#exports = exports;
  }

  decode(packet: Uint8Array): Float32Array {
    const exports = this.#write(packet);
    const length = this.#run(() => exports.decode());
    this.rate = exports.rate();
    return new Float32Array(exports.memory.buffer, exports.output(), length).slice();
  }

  close(): void {
    const exports = this.#exports;
    this.#exports = undefined;
    if (exports === undefined) return;
    exports.close();
    if (idle.length < MAX_IDLE && exports.memory.buffer.byteLength <= MAX_IDLE_BYTES) idle.push(exports);
  }

  #write(bytes: Uint8Array): RecordingExports {
    const exports = this.#exports;
    if (exports === undefined || bytes.length > MAX_PACKET) throw new PacketFault(false);
    const at = this.#run(() => exports.input(bytes.length));
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
    return exports;
  }

  /** A crash leaves the memory of the instance undefined, so it is dropped. */
  #run(call: () => number): number {
    let result: number;
    try {
      result = call();
    } catch {
      this.#exports = undefined;
      throw new PacketFault(false);
    }
    if (result < 0) throw new PacketFault(result === UNSUPPORTED);
    return result;
  }
}

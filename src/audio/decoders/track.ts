import type { PackedCodec } from '../codecs/recordings.ts';

/** Error message of an invalid file. */
export class FileFault extends Error {
  override readonly name: string = 'FileFault';
}

/** Error message of a file with an unsupported feature. */
export class UnreadFault extends Error {
  override readonly name = 'UnreadFault';
}

/** A track of sound in a file. */
export interface PackedTrack {
  readonly codec: PackedCodec | 'opus';
  /** The decoder's configuration: see `PacketDecoder.open`; for Opus its identification header. */
  readonly config: Uint8Array;
  /** @throws {FileFault} where the file is damaged. An empty packet is no sound: it only gives others a turn. */
  readonly packets: Iterable<Uint8Array>;
  /** Seconds of padding before the sound; default: 0, for Opus the value of its header. */
  readonly skip?: number;
  /** Seconds of the sound, where the file states them; asked when all packets have been read. */
  readonly take?: () => number | undefined;
}

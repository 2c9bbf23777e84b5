import { concatBytes } from '../../base/bytes.ts';
import { type OggPacket, oggPackets } from './ogg-packets.ts';
import { FileFault, type PackedTrack, UnreadFault } from './track.ts';

const OPUS_RATE = 48_000;

/**
 * Reads an Ogg file of Opus (RFC 7845) or Vorbis.
 * @throws {FileFault} {@link UnreadFault}
 */
export function oggTrack(bytes: Uint8Array): PackedTrack {
  const packets = oggPackets(bytes);
  const head = packets.next().value?.bytes;
  const comment = packets.next().value?.bytes;
  if (head === undefined || comment === undefined) throw new FileFault('it is cut');
  const name = String.fromCharCode(...head.subarray(0, 8));
  if (name.startsWith('\x01vorbis')) {
    const setup = packets.next().value?.bytes;
    if (setup === undefined) throw new FileFault('it is cut');
    const rate = new DataView(head.buffer, head.byteOffset, head.length).getUint32(12, true);
    return { codec: 'vorbis', config: concatBytes([head, setup]), ...toLastGranule(packets, 0, rate) };
  }
  if (name !== 'OpusHead') throw new UnreadFault('it contains neither Opus nor Vorbis audio');
  return { codec: 'opus', config: head, ...toLastGranule(packets, opusHeadOf(head).preSkip, OPUS_RATE) };
}

/** The granule position after the last packet is the number of valid samples. */
function toLastGranule(from: Iterable<OggPacket>, skipped: number, rate: number) {
  let last: number | undefined;
  const read = function* () {
    for (const { bytes, granule } of from) {
      last = granule;
      if (bytes.length > 0) yield bytes;
    }
  };
  const take = () => (last === undefined ? undefined : Math.max(0, last - skipped) / rate);
  return { packets: read(), take };
}

/**
 * Reads an identification header of Opus.
 * @throws {FileFault} {@link UnreadFault}
 */
export function opusHeadOf(head: Uint8Array): { channels: 1 | 2; preSkip: number } {
  if (head.length < 19) throw new FileFault('its Opus has no configuration');
  const [version, channels, low, high] = head.subarray(8);
  if (version >= 16) throw new UnreadFault('its version of Opus is not known');
  if (channels !== 1 && channels !== 2) {
    throw new UnreadFault(`it has ${channels} channels, and mono and stereo are read`);
  }
  return { channels, preSkip: low + 256 * high };
}

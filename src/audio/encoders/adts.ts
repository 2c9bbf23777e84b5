import { concatBytes } from '../../base/bytes.ts';
import { id3Tag } from '../tags/id3.ts';
import type { AudioTags } from '../tags/types.ts';
import type { AacContainer } from './aac.ts';

/** Index of 24 kHz among the rates of AAC. */
const RATE_INDEX = 6;
const ADTS_BYTES = 7;

/**
 * A stream of ADTS frames, after an ID3 tag if there are tags. As in every ADTS stream, decoders put one frame (43 ms) of silence before the signal, since ADTS
 * has no place to state it.
 */
export function adtsStream(tags: AudioTags | undefined): AacContainer {
  return {
    // One of silence, one of signal. The bytes do not depend on the groups.
    firstGroup: 2,
    head: () => (tags ? id3Tag(tags) : new Uint8Array(0)),
    frames: (frames) => concatBytes(frames.flatMap((frame) => [adtsHeader(frame.length), frame])),
  };
}

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

import { concatBytes } from '../../base/bytes.ts';
import { Mp4Bytes } from '../decoders/mp4-boxes.ts';
import type { EncoderOptions } from '../format.ts';
import { readTags } from '../tags/read.ts';
import type { AacContainer } from './aac.ts';
import { mp4Fragment } from './mp4-fragment.ts';
import { mp4Header } from './mp4-header.ts';

/**
 * An M4A file: AAC in a fragmented MP4 (ISO/IEC 14496-12), so that it plays while it is still being made. Its edit list cuts the frame of silence before the
 * signal, and the last frame is stated to be shorter: players that follow both have exactly the samples that were given.
 */
export function m4aFile({ totalSamples, tags }: EncoderOptions): AacContainer {
  return {
    // A group is a fragment of the file. This one is large, since each has a header; the file's own header is sent at once.
    firstGroup: 4,
    head: () => mp4Header(totalSamples, tags),
    frames: mp4Fragment,
  };
}

/** Writes the true length into a file that states none. The result is what the encoder writes when the length is known from the start. */
export function stateM4aLength(file: Uint8Array, totalSamples: number): Uint8Array {
  const boxes = new Mp4Bytes(file);
  const moov = boxes.find({ from: 0, to: file.length }, 'moov');
  if (moov === undefined) throw new Error('The file was not written by this M4A encoder');
  const found = readTags(file);
  const tags = found && { ...found, generator: found.generator ?? '' };
  return concatBytes([mp4Header(totalSamples, tags), file.subarray(moov.to)]);
}

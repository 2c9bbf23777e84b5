import {
  type IsoBoxWriterMap,
  type MovieFragmentBox,
  writeIsoBox,
  writeMdat,
  writeMfhd,
  writeTfdt,
  writeTfhd,
  writeTrun,
} from '@svta/cml-iso-bmff';
import { concatBytes } from '../../base/bytes.ts';
import { AAC_FRAME } from '../codecs/aac.ts';
import { TRACK } from './mp4-header.ts';

const WRITERS: IsoBoxWriterMap = {
  mfhd: writeMfhd,
  tfhd: writeTfhd,
  tfdt: writeTfdt,
  trun: writeTrun,
  mdat: writeMdat,
};
/** Offsets count from the beginning of `moof`. */
const BASE_IS_MOOF = 0x020000;
/** Fields of a run: the offset of its data, and the duration and size of each frame. */
const DATA_OFFSET = 0x1;
const DURATIONS = 0x100;
const SIZES = 0x200;
const BOX_HEAD = 8;

/**
 * A fragment of an MP4 file: `moof` and `mdat` (ISO/IEC 14496-12, section 8.8).
 * @param first number of the first frame in the recording.
 * @param samples that the frames last: all but the last one last {@link AAC_FRAME}.
 */
export function mp4Fragment(frames: readonly Uint8Array[], first: number, samples: number): Uint8Array {
  const before = AAC_FRAME * (frames.length - 1);
  const run = frames.map(({ length }, n) => ({
    sampleSize: length,
    sampleDuration: n < frames.length - 1 ? AAC_FRAME : samples - before,
  }));
  const moof = (dataOffset: number): MovieFragmentBox => ({
    type: 'moof',
    boxes: [
      // Sequence numbers rise, and begin with 1.
      { type: 'mfhd', version: 0, flags: 0, sequenceNumber: first + 1 },
      {
        type: 'traf',
        boxes: [
          { type: 'tfhd', version: 0, flags: BASE_IS_MOOF, trackId: TRACK },
          { type: 'tfdt', version: 1, flags: 0, baseMediaDecodeTime: first * AAC_FRAME },
          {
            type: 'trun',
            version: 0,
            flags: DATA_OFFSET | DURATIONS | SIZES,
            sampleCount: run.length,
            dataOffset,
            samples: run,
          },
        ],
      },
    ],
  });
  const config = { writers: WRITERS };
  const { length } = writeIsoBox(moof(0), config);
  return concatBytes([
    writeIsoBox(moof(length + BOX_HEAD), config),
    writeIsoBox({ type: 'mdat', data: concatBytes(frames) }, config),
  ]);
}

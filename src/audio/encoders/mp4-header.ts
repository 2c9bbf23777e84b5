import {
  type IsoBoxWriterMap,
  type MediaBox,
  type MovieBox,
  type TrackBox,
  writeDref,
  writeElst,
  writeFtyp,
  writeHdlr,
  writeIsoBox,
  writeMdhd,
  writeMehd,
  writeMeta,
  writeMp4a,
  writeMvhd,
  writeSmhd,
  writeStco,
  writeStsc,
  writeStsd,
  writeStsz,
  writeStts,
  writeTkhd,
  writeTrex,
  writeUrl,
} from '@svta/cml-iso-bmff';
import { concatBytes } from '../../base/bytes.ts';
import { AAC_FRAME } from '../codecs/aac.ts';
import { SAMPLE_RATE } from '../samples.ts';
import { type Gapless, userData } from '../tags/ilst.ts';
import { leaf } from '../tags/mp4-leaf.ts';
import type { AudioTags } from '../tags/types.ts';
import { AAC_SETTINGS } from './aac.ts';

/** Number of the only track. */
export const TRACK = 1;

const WRITERS: IsoBoxWriterMap = {
  dref: writeDref,
  elst: writeElst,
  ftyp: writeFtyp,
  hdlr: writeHdlr,
  mdhd: writeMdhd,
  mehd: writeMehd,
  meta: writeMeta,
  mp4a: writeMp4a,
  mvhd: writeMvhd,
  smhd: writeSmhd,
  stco: writeStco,
  stsc: writeStsc,
  stsd: writeStsd,
  stsz: writeStsz,
  stts: writeStts,
  tkhd: writeTkhd,
  trex: writeTrex,
  'url ': writeUrl,
};
/** Rows of the identity matrix of a picture. */
const UNITY = [1, 0, 0, 0, 1, 0, 0, 0, 16_384];
const NO_TIMES = { creationTime: 0, modificationTime: 0 };
const PLAIN = { version: 0, flags: 0 };
/** The track is enabled, in the movie, and in its preview. */
const TRACK_FLAGS = 7;
/** The data is in this file. */
const SELF_CONTAINED = 1;

/**
 * The boxes before the first fragment: `ftyp` and `moov`. All times count samples.
 * @param totalSamples of the signal; `undefined` where that is not known yet.
 */
export function mp4Header(totalSamples: number | undefined, tags: AudioTags | undefined): Uint8Array {
  const config = { writers: WRITERS };
  const compatibleBrands = ['M4A ', 'mp42', 'isom', 'iso6'];
  return concatBytes([
    writeIsoBox({ type: 'ftyp', majorBrand: 'M4A ', minorVersion: 0, compatibleBrands }, config),
    writeIsoBox(movie(totalSamples, tags), config),
  ]);
}

/** The contents of the edit list, for players that ignore it in fragmented files, such as ffmpeg. */
function gaplessOf(samples: number): Gapless {
  return { delay: AAC_FRAME, padding: (AAC_FRAME - (samples % AAC_FRAME)) % AAC_FRAME, samples };
}

function movie(totalSamples: number | undefined, tags: AudioTags | undefined): MovieBox {
  const known = totalSamples === undefined ? [] : [totalSamples];
  return {
    type: 'moov',
    boxes: [
      {
        type: 'mvhd',
        ...PLAIN,
        ...NO_TIMES,
        timescale: SAMPLE_RATE,
        // Fragments count in `mehd` alone.
        duration: 0,
        rate: 1,
        volume: 1,
        reserved1: 0,
        reserved2: [0, 0],
        matrix: UNITY,
        preDefined: [0, 0, 0, 0, 0, 0],
        nextTrackId: TRACK + 1,
      },
      track(totalSamples),
      {
        type: 'mvex',
        boxes: [
          ...known.map((fragmentDuration) => ({
            type: 'mehd' as const,
            version: 1,
            flags: 0,
            fragmentDuration,
          })),
          {
            type: 'trex',
            ...PLAIN,
            trackId: TRACK,
            defaultSampleDescriptionIndex: 1,
            defaultSampleDuration: AAC_FRAME,
            defaultSampleSize: 0,
            defaultSampleFlags: 0,
          },
        ],
      },
      ...known.map((samples) => userData(tags, gaplessOf(samples))),
      ...(tags && totalSamples === undefined ? [userData(tags, undefined)] : []),
    ],
  };
}

function track(totalSamples: number | undefined): TrackBox {
  // 0 means everything that follows, in a file whose fragments are not known yet.
  const cut = {
    segmentDuration: totalSamples ?? 0,
    mediaTime: AAC_FRAME,
    mediaRateInteger: 1,
    mediaRateFraction: 0,
  };
  return {
    type: 'trak',
    boxes: [
      {
        type: 'tkhd',
        version: 0,
        flags: TRACK_FLAGS,
        ...NO_TIMES,
        trackId: TRACK,
        reserved1: 0,
        duration: 0,
        reserved2: [0, 0],
        layer: 0,
        alternateGroup: 0,
        volume: 1,
        reserved3: 0,
        matrix: UNITY,
        width: 0,
        height: 0,
      },
      { type: 'edts', boxes: [{ type: 'elst', version: 1, flags: 0, entryCount: 1, entries: [cut] }] },
      media(),
    ],
  };
}

function media(): MediaBox {
  const reference = { type: 'url ' as const, version: 0, flags: SELF_CONTAINED, location: '' };
  return {
    type: 'mdia',
    boxes: [
      {
        type: 'mdhd',
        ...PLAIN,
        ...NO_TIMES,
        timescale: SAMPLE_RATE,
        duration: 0,
        language: 'und',
        preDefined: 0,
      },
      { type: 'hdlr', ...PLAIN, preDefined: 0, handlerType: 'soun', reserved: [0, 0, 0], name: 'Sound' },
      {
        type: 'minf',
        boxes: [
          { type: 'smhd', ...PLAIN, balance: 0, reserved: 0 },
          { type: 'dinf', boxes: [{ type: 'dref', ...PLAIN, entryCount: 1, entries: [reference] }] },
          {
            type: 'stbl',
            boxes: [
              { type: 'stsd', ...PLAIN, entryCount: 1, entries: [sampleEntry()] },
              // Fragments have the tables.
              { type: 'stts', ...PLAIN, entryCount: 0, entries: [] },
              { type: 'stsc', ...PLAIN, entryCount: 0, entries: [] },
              { type: 'stsz', ...PLAIN, sampleSize: 0, sampleCount: 0, entrySize: [] },
              { type: 'stco', ...PLAIN, entryCount: 0, chunkOffset: [] },
            ],
          },
        ],
      },
    ],
  };
}

const sampleEntry = () => ({
  type: 'mp4a' as const,
  reserved1: [0, 0, 0, 0, 0, 0],
  dataReferenceIndex: 1,
  reserved2: [0, 0],
  channelcount: 1,
  samplesize: 16,
  preDefined: 0,
  reserved3: 0,
  samplerate: SAMPLE_RATE,
  boxes: [leaf('esds', [Uint8Array.of(0, 0, 0, 0), elementaryStream()])],
});

/** Descriptors of the stream and its decoder (ISO/IEC 14496-1, section 7.2.6). */
function elementaryStream(): Uint8Array {
  const rate = [24, 16, 8, 0].map((shift) => (AAC_SETTINGS.bitrate >> shift) & 0xff);
  // AAC-LC, 24 kHz, mono (ISO/IEC 14496-3, section 1.6.2.1); and that there is no SBR, which decoders would otherwise look for at this rate.
  const config = descriptor(5, Uint8Array.of(0x13, 0x08, 0x56, 0xe5, 0x00));
  // Object type: MPEG-4 audio. Stream type: audio. The decoder's buffer is not stated. Maximum and average rate.
  const decoder = descriptor(4, Uint8Array.of(0x40, 0x15, 0, 0, 0, ...rate, ...rate), config);
  const synchronization = descriptor(6, Uint8Array.of(2));
  return descriptor(3, Uint8Array.of(0, TRACK, 0), decoder, synchronization);
}

function descriptor(tag: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(pieces);
  return concatBytes([Uint8Array.of(tag, body.length), body]);
}

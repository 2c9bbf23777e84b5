import { ascii } from '../../base/bytes.ts';
import { infoChunk } from '../tags/riff.ts';
import type { AudioTags } from '../tags/types.ts';

/** `wFormatTag` of the codings that Sori puts into WAV files (RFC 2361; mmreg.h). */
export const WAV_FORMAT_TAGS = { pcm: 1, alaw: 6, mulaw: 7 } as const;

/** Value of a size or count in a header while it is not known. */
const UNKNOWN_SIZE = 0xffff_ffff;

/** Whether a WAV file of ours was begun before its length was known. */
export function isWavStream(bytes: Uint8Array): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true) === UNKNOWN_SIZE;
}

/** Fields of a mono WAV header. */
export interface WavLayout {
  readonly coding: keyof typeof WAV_FORMAT_TAGS;
  readonly sampleRate: number;
  /** Samples in the data chunk; a sample has 2 bytes in `pcm`, else 1. `undefined` for a stream whose length is not known yet. */
  readonly samples: number | undefined;
  /** Written into a list `INFO` before the data. */
  readonly tags?: AudioTags;
}

/** A WAV file without its data. */
export interface WavFrame {
  readonly header: Uint8Array;
  /** The pad byte after data of odd length, or nothing: chunks start at even offsets. */
  readonly trailer: Uint8Array;
  /** Bytes of the whole file: header, data, trailer; `undefined` for a stream. */
  readonly fileLength: number | undefined;
}

/**
 * Creates the header and trailer of a mono WAV file. The sizes of a stream are 0xFFFFFFFF, as ffmpeg and OpenAI write them; players read to the
 * end, but some readers, such as Python's `wave`, need the true sizes. Codings other than PCM have the `cbSize` field and the `fact` chunk
 * that Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" requires.
 * @throws {RangeError} when the file would pass the format's 4 GiB.
 */
export function wavFrame({ coding, sampleRate, samples, tags }: WavLayout): WavFrame {
  const width = coding === 'pcm' ? 2 : 1;
  const dataLength = samples === undefined ? UNKNOWN_SIZE : samples * width;
  const trailer = new Uint8Array(samples === undefined ? 0 : dataLength % 2);
  const info = infoChunk(tags);
  const headerLength = (coding === 'pcm' ? 44 : 58) + info.length;
  const fileLength = samples === undefined ? undefined : headerLength + dataLength + trailer.length;
  const riffLength = fileLength === undefined ? UNKNOWN_SIZE : fileLength - 8;
  if (riffLength > UNKNOWN_SIZE) throw new RangeError(`${samples} samples do not fit into a WAV file`);

  const header = new Uint8Array(headerLength);
  const view = new DataView(header.buffer);
  const dataAt = headerLength - 8;
  header.set(ascii('RIFF'), 0);
  view.setUint32(4, riffLength, true);
  header.set(ascii('WAVEfmt '), 8);
  view.setUint32(16, coding === 'pcm' ? 16 : 18, true);
  view.setUint16(20, WAV_FORMAT_TAGS[coding], true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * width, true);
  view.setUint16(32, width, true);
  view.setUint16(34, width * 8, true);
  if (coding !== 'pcm') {
    header.set(ascii('fact'), 38);
    view.setUint32(42, 4, true);
    view.setUint32(46, samples ?? UNKNOWN_SIZE, true);
  }
  header.set(info, dataAt - info.length);
  header.set(ascii('data'), dataAt);
  view.setUint32(dataAt + 4, dataLength, true);
  return { header, trailer, fileLength };
}

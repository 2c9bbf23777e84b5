import { SoriError } from '../base/errors.ts';
import { atOnce, type Work } from '../base/turns.ts';

/** Audio read from a WAV file. */
export interface WavAudio {
  /** Mono, the mean of both channels; full scale is 1. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** Limits of {@link readWav}, checked before anything is allocated. */
export interface WavLimits {
  /** Seconds of sound. */
  readonly maxSeconds: number;
}

/** `wFormatTag`s that are read (mmreg.h). The extensible tag is followed by a GUID that begins with one of the others. */
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** End of the GUIDs of PCM and float, after the tag: 0000-0010-8000-00AA00389B71. */
const GUID_REST = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];
/** Size in the header of a stream of unknown length. */
const UNKNOWN_SIZE = 0xffff_ffff;

/** Frames that are read at a stretch: some milliseconds of work. */
const FRAMES_AT_ONCE = 2 ** 18;

type Coding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64';

interface Format {
  readonly coding: Coding;
  readonly channels: number;
  readonly sampleRate: number;
  readonly blockAlign: number;
}

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, plain or extensible, mono or stereo, 8 to 192 kHz.
 * Files of a stream, which state 0xFFFFFFFF as their length, are read to their end.
 * @throws {SoriError} `invalid_reference` for anything else, cut or damaged files, sound longer than the limit, and samples
 *   that are not numbers.
 */
export function readWav(bytes: Uint8Array, limits: WavLimits): WavAudio {
  return atOnce(wavWork(bytes, limits));
}

/** {@link readWav}, part by part. */
export function* wavWork(bytes: Uint8Array, { maxSeconds }: WavLimits): Work<WavAudio> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') {
    throw invalid("This is not a WAV file: it does not begin with 'RIFF' and 'WAVE'.");
  }
  const chunks = findChunks(view);
  const format = readFormat(view, chunks.format);
  const { channels, sampleRate, blockAlign } = format;
  const frames = Math.floor(chunks.data.length / blockAlign);
  if (frames === 0) throw invalid('This WAV file contains no audio.');
  if (frames > maxSeconds * sampleRate) {
    const seconds = (frames / sampleRate).toFixed(1);
    throw invalid(`This WAV file lasts ${seconds} s; at most ${maxSeconds} s are read.`);
  }
  const read = reader(view, format.coding);
  const width = blockAlign / channels;
  const samples = new Float32Array(frames);
  for (let frame = 0, at = chunks.data.start; frame < frames; frame++, at += blockAlign) {
    samples[frame] = channels === 1 ? read(at) : (read(at) + read(at + width)) / 2;
    if (!Number.isFinite(samples[frame])) {
      throw invalid(`This WAV file is damaged: its sample ${frame} is not a number of the usual size.`);
    }
    if (frame % FRAMES_AT_ONCE === FRAMES_AT_ONCE - 1) yield;
  }
  return { samples, sampleRate };
}

interface Chunk {
  readonly start: number;
  readonly length: number;
}

/** Reads the chunks up to the audio data. Chunks start at even offsets. */
function findChunks(view: DataView): { format: Chunk; data: Chunk } {
  let format: Chunk | undefined;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const name = tag(view, at);
    const stated = view.getUint32(at + 4, true);
    const start = at + 8;
    const rest = view.byteLength - start;
    if (name === 'data') {
      if (!format) throw invalid('This WAV file has its audio before its format.');
      if (stated > rest && stated !== UNKNOWN_SIZE) {
        throw invalid(`This WAV file is cut: it states ${stated} bytes of audio and contains ${rest}.`);
      }
      return { format, data: { start, length: Math.min(stated, rest) } };
    }
    if (stated > rest) throw invalid(`This WAV file is cut within its chunk '${name}'.`);
    if (name === 'fmt ') format = { start, length: stated };
    at = start + stated + (stated % 2);
  }
  throw invalid(`This WAV file is cut: it has no chunk '${format ? 'data' : 'fmt '}'.`);
}

function readFormat(view: DataView, { start, length }: Chunk): Format {
  if (length < 16) throw invalid('This WAV file is damaged: its format is too short.');
  let kind = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const blockAlign = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  if (kind === EXTENSIBLE) {
    const known = length >= 40 && GUID_REST.every((byte, i) => view.getUint8(start + 26 + i) === byte);
    kind = known ? view.getUint16(start + 24, true) : EXTENSIBLE;
  }
  const coding = codingOf(kind, bits);
  if (!coding) {
    throw invalid(
      `This WAV file is coded as format ${kind} with ${bits} bits; PCM of 8, 16, 24 or 32 bits and float of 32 or 64 bits are read.`,
    );
  }
  if (channels !== 1 && channels !== 2) {
    throw invalid(`This WAV file has ${channels} channels; mono and stereo are read.`);
  }
  if (sampleRate < 8000 || sampleRate > 192_000) {
    throw invalid(`This WAV file has ${sampleRate} samples per second; 8000 to 192000 are read.`);
  }
  if (blockAlign !== (channels * bits) / 8) {
    throw invalid('This WAV file is damaged: channels, bits and bytes of a sample disagree.');
  }
  return { coding, channels, sampleRate, blockAlign };
}

function codingOf(kind: number, bits: number): Coding | undefined {
  if (kind === PCM && [8, 16, 24, 32].includes(bits)) return `pcm${bits as 8 | 16 | 24 | 32}`;
  if (kind === FLOAT && (bits === 32 || bits === 64)) return `float${bits}`;
  return undefined;
}

/** Reads one sample at an offset. Only 8-bit PCM is unsigned. */
function reader(view: DataView, coding: Coding): (at: number) => number {
  switch (coding) {
    case 'pcm8':
      return (at) => (view.getUint8(at) - 128) / 2 ** 7;
    case 'pcm16':
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 'pcm24':
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
    case 'pcm32':
      return (at) => view.getInt32(at, true) / 2 ** 31;
    case 'float32':
      return (at) => view.getFloat32(at, true);
    case 'float64':
      return (at) => view.getFloat64(at, true);
  }
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_reference', message, { param: 'reference' });
}

import { concatBytes, Framer } from '../base/bytes.ts';
import { AAC_FRAME, loadAac } from './codecs/aac.ts';
import { openOwnLame } from './codecs/lame.ts';
import { OpusEncoder } from './codecs/opus.ts';
import { AAC_SETTINGS, type AacContainer, AacWriter } from './encoders/aac.ts';
import { adtsStream } from './encoders/adts.ts';
import { FLAC_BLOCK, FlacWriter } from './encoders/flac.ts';
import { m4aFile } from './encoders/m4a.ts';
import { infoFrame, LAME_SETTINGS, MP3_FRAME, scaled } from './encoders/mp3.ts';
import { OggOpusWriter, OPUS_FRAME, PACKETS_PER_PAGE } from './encoders/ogg-opus.ts';
import { OPUS_SETTINGS } from './encoders/opus.ts';
import type { AudioFormatId } from './format.ts';
import { id3Tag } from './tags/id3.ts';
import type { AudioTags } from './tags/types.ts';

/** The length of a stretch is a multiple of this many samples, so that it ends with a full frame and a full page. */
export const STRETCH_UNIT = {
  mp3: MP3_FRAME,
  opus: OPUS_FRAME * PACKETS_PER_PAGE,
  aac: AAC_FRAME,
  m4a: AAC_FRAME,
  flac: FLAC_BLOCK,
} as const satisfies Partial<Record<AudioFormatId, number>>;

/** A format whose encoder can stop and continue in another process. */
export type StretchFormat = keyof typeof STRETCH_UNIT;

/** Whether long recordings of a format are encoded stretch by stretch. */
export const isStretchFormat = (format: AudioFormatId): format is StretchFormat =>
  Object.hasOwn(STRETCH_UNIT, format);

/** Versions of the codecs; that of LAME is the start of its file's SHA-256. A recording begun by one version can't be continued by another. */
export const STRETCH_CODECS = '@evan/opus 1.0.3, LAME c30d1016, rusty_aac 2.0.1';

/** Encodes a part of a recording to the same bytes as within the whole recording. */
export interface StretchEncoder {
  /** @returns the bytes that are complete now. */
  encode(samples: Int16Array): Uint8Array;
  /** Ends the recording. @returns its last bytes. */
  finish(): Uint8Array;
  /** State from which the next stretch continues. Read it only after a whole number of {@link STRETCH_UNIT} samples. */
  state(): Uint8Array;
  /** Frees the codec. */
  close(): void;
}

/** Facts about the whole recording. */
export interface StretchedRecording {
  readonly totalSamples: number;
  readonly tags?: AudioTags;
}

/**
 * Opens an encoder in the middle of a recording. The concatenated stretches equal the output of `createEncoder` for the whole recording.
 * @param before samples that stretches before have encoded: a multiple of {@link STRETCH_UNIT}.
 * @param state of the stretch before; none = this is the first.
 */
export async function openStretch(
  format: StretchFormat,
  recording: StretchedRecording,
  before: number,
  state?: Uint8Array,
): Promise<StretchEncoder> {
  if (before % STRETCH_UNIT[format] !== 0) throw new RangeError(`a stretch of ${format} cannot begin here`);
  if (before > 0 && state === undefined) throw new RangeError('all calls but the first need a state');
  switch (format) {
    case 'flac':
      return flacStretch(recording, before);
    case 'opus':
      return await opusStretch(recording, before, state);
    case 'aac':
      return await aacStretch(adtsStream(recording.tags), state);
    case 'm4a':
      return await aacStretch(m4aFile(recording), state);
    case 'mp3':
      return await mp3Stretch(recording, state);
  }
}

function flacStretch({ totalSamples, tags }: StretchedRecording, before: number): StretchEncoder {
  const writer = new FlacWriter(totalSamples, tags, before / FLAC_BLOCK);
  return {
    encode: (samples) => writer.push(samples),
    finish: () => writer.finish(),
    // Each frame is independent.
    state: () => new Uint8Array(0),
    close: () => {},
  };
}

async function opusStretch(
  { totalSamples, tags }: StretchedRecording,
  before: number,
  state?: Uint8Array,
): Promise<StretchEncoder> {
  const opus = await OpusEncoder.open(OPUS_SETTINGS);
  if (state) opus.restore(state);
  const ogg = new OggOpusWriter(opus.lookahead, tags, before / OPUS_FRAME);
  const framer = new Framer(OPUS_FRAME);
  const push = (samples: Int16Array) => framer.push(samples, (frame) => ogg.add(opus.encode(frame)));
  return {
    encode(samples) {
      push(samples);
      return ogg.take();
    },
    finish() {
      push(new Int16Array(ogg.end(totalSamples) * OPUS_FRAME - totalSamples));
      return ogg.take();
    },
    state: () => opus.state(),
    close: () => opus.close(),
  };
}

async function mp3Stretch(
  { totalSamples, tags }: StretchedRecording,
  state?: Uint8Array,
): Promise<StretchEncoder> {
  const lame = await openOwnLame(LAME_SETTINGS, state);
  const framer = new Framer(MP3_FRAME);
  let pieces: Uint8Array[] = [];
  if (state === undefined)
    pieces = tags ? [id3Tag(tags), infoFrame(totalSamples)] : [infoFrame(totalSamples)];
  const take = () => {
    const bytes = concatBytes(pieces);
    pieces = [];
    return bytes;
  };
  return {
    encode(samples) {
      framer.push(samples, (frame) => pieces.push(lame.encode(scaled(frame))));
      return take();
    },
    finish() {
      const rest = framer.rest();
      if (rest.length > 0) pieces.push(lame.encode(scaled(rest)));
      pieces.push(lame.flush());
      return take();
    },
    state: () => lame.state(),
    close: () => lame.close(),
  };
}

async function aacStretch(container: AacContainer, state?: Uint8Array): Promise<StretchEncoder> {
  const writer = new AacWriter(await loadAac(AAC_SETTINGS), container, state);
  return {
    encode: (samples) => writer.push(samples),
    finish: () => writer.finish(),
    state: () => writer.state(),
    close: () => {},
  };
}

import { wavFrame } from '../../../audio/encoders/wav.ts';
import type { AudioFormatId } from '../../../audio/format.ts';
import {
  type JoinedPiece,
  type PartSound,
  planJoin,
  renderPiece,
  soundOf,
} from '../../../audio/join/join.ts';
import { LoudnessMeter } from '../../../audio/loudness.ts';
import { int16Bytes, SAMPLE_RATE } from '../../../audio/samples.ts';
import { isStretchFormat, openStretch, STRETCH_UNIT, type StretchFormat } from '../../../audio/stretch.ts';
import type { AudioTags } from '../../../audio/tags/types.ts';
import { concatBytes } from '../../../base/bytes.ts';
import type { SoriError } from '../../../base/errors.ts';
import { gunzip, gzip } from '../../../base/gzip.ts';
import type { AudioLibrary } from '../../../library/library.ts';
import { longBytes, piecesOf } from '../../../library/long-bytes.ts';
import type { AudioMeta, LongBytes } from '../../../library/store.ts';
import { DRAFTS, type JobOutputs } from '../outputs/outputs.ts';

/** A recording of many parts; one part at a time is in memory. */
export interface LongRecording {
  /** Keys of its parts. */
  readonly keys: readonly string[];
  readonly pieces: readonly JoinedPiece[];
  readonly tags?: AudioTags;
  /** Adds the watermark to samples that begin at `at`, if needed. */
  readonly mark?: (samples: Int16Array, at: number) => Promise<Int16Array>;
}

/** Stores of the parts and of the intermediate results. */
export interface LongPlaces {
  readonly library: AudioLibrary;
  readonly outputs: JobOutputs;
  readonly job: string;
  readonly signal: AbortSignal;
  /** The error for a missing part. */
  readonly lost: () => SoriError;
}

/** Length of the whole in samples. */
export const lengthOfLong = ({ pieces }: LongRecording): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

/** Measures the parts one after the other and plans their join. */
export async function planLongJoin(
  places: LongPlaces,
  keys: readonly string[],
  pausesMs: readonly number[],
): Promise<readonly JoinedPiece[]> {
  const sounds: PartSound[] = [];
  for (const key of keys) {
    places.signal.throwIfAborted();
    sounds.push(soundOf(await partOf(places, key)));
  }
  return planJoin(sounds, pausesMs);
}

/**
 * Encodes section `index` of `count` after the earlier ones and stores it. A stored section is not encoded again.
 * @throws {SoriError} `storage_unavailable`.
 */
export async function encodeStretch(
  places: LongPlaces,
  recording: LongRecording,
  format: StretchFormat,
  index: number,
  count: number,
): Promise<void> {
  const { outputs, job } = places;
  if (await outputs.has(job, audioName(index))) return;
  let state: Uint8Array | undefined;
  if (index > 0) {
    state = await readState(places, index - 1);
    if (state === undefined) {
      // It was removed when the job failed.
      await outputs.remove(job, audioName(index - 1));
      await encodeStretch(places, recording, format, index - 1, count);
      state = await readState(places, index - 1);
    }
  }
  const [from, to] = [index, index + 1].map((i) => boundary(recording, format, i, count));
  const stretch = await openStretch(format, whole(recording), from, state);
  try {
    const encoded: Uint8Array[] = [];
    for await (const samples of samplesOf(places, recording, from, to)) encoded.push(stretch.encode(samples));
    if (index === count - 1) encoded.push(stretch.finish());
    // Store the encoder's state before the audio, so that both exist.
    else await outputs.put(job, stateName(index), await gzip(stretch.state()));
    await outputs.put(job, audioName(index), concatBytes(encoded));
  } finally {
    stretch.close();
  }
}

/**
 * Stores a recording and one format of it.
 * @param count number of sections; missing ones are encoded now.
 * @param metaOf receives the values that only the whole recording has.
 */
export async function storeLong(
  places: LongPlaces,
  recording: LongRecording,
  target: { readonly key: string; readonly format: AudioFormatId; readonly count: number },
  metaOf: (loudness: number) => AudioMeta,
): Promise<AudioMeta> {
  const { library } = places;
  const { key, format, count } = target;
  let meta = (await library.stored(key, 'wav'))?.meta;
  if (meta === undefined) {
    const meter = new LoudnessMeter(SAMPLE_RATE);
    let measuring = true;
    const measure = (samples: Int16Array) => measuring && meter.push(samples);
    const wav = await longBytes(() => wavBytes(places, recording, measure));
    measuring = false;
    meta = metaOf(meter.loudness());
    await library.admitLong(key, 'wav', wav, meta);
  }
  if (await library.stored(key, format)) return meta;
  if (format === 'pcm') {
    await library.admitLong(key, format, await longBytes(() => pcmBytes(places, recording)), meta);
  } else if (isStretchFormat(format)) {
    for (let i = 0; i < count; i++) await encodeStretch(places, recording, format, i, count);
    await library.admitLong(key, format, await stretchesOf(places, count), meta);
  }
  return meta;
}

const audioName = (index: number) => `${DRAFTS}${index}.audio`;
const stateName = (index: number) => `${DRAFTS}${index}.state`;
const whole = (recording: LongRecording) => ({
  totalSamples: lengthOfLong(recording),
  tags: recording.tags,
});

/** First sample of section `index`. */
function boundary(recording: LongRecording, format: StretchFormat, index: number, count: number): number {
  const length = lengthOfLong(recording);
  const unit = STRETCH_UNIT[format];
  return index === count ? length : Math.floor((length * index) / count / unit) * unit;
}

async function readState({ outputs, job }: LongPlaces, index: number): Promise<Uint8Array | undefined> {
  const kept = await outputs.get(job, stateName(index));
  return kept === null ? undefined : await gunzip(kept);
}

/** Samples `from` to `to` of the whole, part by part. */
async function* samplesOf(
  places: LongPlaces,
  { keys, pieces, mark }: LongRecording,
  from: number,
  to: number,
): AsyncGenerator<Int16Array> {
  for (const [i, piece] of pieces.entries()) {
    const first = Math.max(from, piece.at) - piece.at;
    const end = Math.min(to, piece.at + piece.length) - piece.at;
    if (first >= end) continue;
    places.signal.throwIfAborted();
    const rendered = renderPiece(await partOf(places, keys[i]), piece);
    yield (mark ? await mark(rendered, piece.at) : rendered).subarray(first, end);
  }
}

async function* pcmBytes(
  places: LongPlaces,
  recording: LongRecording,
  onSamples: (samples: Int16Array) => unknown = () => {},
): AsyncGenerator<Uint8Array> {
  for await (const samples of samplesOf(places, recording, 0, lengthOfLong(recording))) {
    onSamples(samples);
    yield int16Bytes(samples);
  }
}

async function* wavBytes(
  places: LongPlaces,
  recording: LongRecording,
  onSamples: (samples: Int16Array) => unknown,
): AsyncGenerator<Uint8Array> {
  const { tags } = recording;
  const samples = lengthOfLong(recording);
  yield wavFrame({ coding: 'pcm', sampleRate: SAMPLE_RATE, samples, tags }).header;
  yield* pcmBytes(places, recording, onSamples);
}

async function stretchesOf({ outputs, job, lost }: LongPlaces, count: number): Promise<LongBytes> {
  return await longBytes(async function* () {
    for (let i = 0; i < count; i++) {
      const audio = await outputs.get(job, audioName(i));
      if (audio === null) throw lost();
      yield* piecesOf(audio);
    }
  });
}

async function partOf({ library, lost }: LongPlaces, key: string): Promise<Int16Array> {
  const master = await library.master(key);
  if (master === null) throw lost();
  return master.samples;
}

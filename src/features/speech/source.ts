import { type AudioFormatId, isTelephony, WAV_FORMATS } from '../../audio/format.ts';
import { transcode } from '../../audio/transcode.ts';
import { concatSamples } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import type { Timings } from '../../engine/engine.ts';
import type { CharacterQuota } from '../../http/access.ts';
import type { Flight } from '../../library/flights.ts';
import type { AudioLibrary, OpenAudio } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { Alignment } from '../../synthesis/alignment.ts';
import type { Warning } from '../../text/warnings.ts';
import type { AddressedSpeech } from './address.ts';
import type { Progress } from './answer/bodies.ts';
import { isOfAnother, makeOrJoin } from './bake.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { ignoredHeader } from './ignored.ts';
import {
  bytesOf,
  charactersOf,
  encodedAsMade,
  lengthOf,
  masterOf,
  type SpeechStream,
  startSpeech,
  streamOf,
  synthesize,
} from './make-speech.ts';
import { ending, masterChunks, streams, tagsOf } from './master-chunks.ts';

/** Audio for an answer, streamed or finished. */
export interface SpeechSource {
  readonly cache: 'hit' | 'miss' | 'coalesced' | 'bypass';
  readonly format: AudioFormatId;
  readonly contentLength: number | undefined;
  /** Whether the bytes are those of the stored file. A stream that began before its length was known has another header. */
  readonly asStored: boolean;
  readonly bytes: AsyncGenerator<Uint8Array, void>;
  /** Samples of the bytes sent so far. */
  readonly progress: Progress;
  readonly timings: Timings;
  /** Parts of the text without effect, as {@link ignoredHeader} lists them. */
  readonly ignored?: string;
  /** The same as warnings; absent for audio that was found. */
  readonly warnings?: readonly Warning[];
  /** Times of the spoken text; absent for stored audio. */
  readonly alignment?: Alignment;
  /** Finished audio, in place of `bytes`. */
  readonly whole?: Uint8Array | ReadableStream<Uint8Array>;
}

/** Options for the audio of an answer. */
export interface SourceOptions {
  readonly format: AudioFormatId;
  readonly signal: AbortSignal;
  readonly quota: CharacterQuota;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Whether to synthesize again, with timestamps and without storing. */
  readonly bypass: boolean;
  /** Must the length be known before the first byte? */
  readonly exactLength: boolean;
  /** Takes a slot for work outside a flight. */
  readonly takeSlot: () => void;
  /** Set where the library was already found not to have it. */
  readonly absent?: boolean;
}

/**
 * Finds speech in the library, joins its synthesis, or starts it.
 * @throws {SoriError} `overloaded`, `insufficient_quota`, and what the engine throws.
 */
export async function speechSource(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  options: SourceOptions,
): Promise<SpeechSource> {
  const { library } = deps;
  const { key } = speech;
  if (!library || options.bypass) return await makeAnew(deps, speech, options);
  const started = performance.now();
  let found: OpenAudio | null;
  try {
    // Join a synthesis under way below: its first pieces may be ready before the whole.
    const absent = options.absent || library.flights.find(key) !== undefined;
    found = absent ? null : await library.open(key, options.format);
  } catch (error) {
    if (!(error instanceof SoriError && error.code === 'storage_unavailable')) throw error;
    // Speech can be synthesized even if the storage fails.
    return await makeAnew(deps, speech, options);
  }
  if (found) return finished(found, 'hit', options.format, { lookup: performance.now() - started });
  const joins = library.flights.find(key) !== undefined;
  if (!joins && !library.flights.hasRoom(bytesOf(speech))) return await makeAnew(deps, speech, options);
  if (streams(speech)) {
    const joined = await join(library, speech, options);
    if (joined) return joined;
    if (!library.flights.find(key)) {
      const { format, quota, keepAlive, exactLength, signal } = options;
      const making = { streamed: format, formats: [format], exactLength, quota, keepAlive };
      const flight = startSpeech(deps, library, speech, making);
      return await streamFlight(flight, streamOf(flight) as SpeechStream, signal, false);
    }
  }
  return await takeWhole(deps, library, speech, options);
}

/** Formats with the length in their headers, MP3 apart: that of long speech states none in its stored file either. */
function statesLength(format: AudioFormatId): boolean {
  return format === 'flac' || format === 'm4a' || WAV_FORMATS.includes(format);
}

/**
 * Streams a flight from its beginning.
 * @param joined another request started it.
 */
async function streamFlight(
  flight: Flight<AudioMeta>,
  stream: SpeechStream,
  signal: AbortSignal,
  joined: boolean,
): Promise<SpeechSource> {
  const { format, progress } = stream;
  const bytes = flight.read(signal, !joined);
  // When the first piece has arrived, the speech is planned.
  const first = await bytes.next();
  const { planned, contentLength } = stream as Required<SpeechStream>;
  const { timings, alignment, warnings } = planned;
  return {
    cache: joined ? 'coalesced' : 'miss',
    format,
    contentLength,
    asStored: lengthOf(format, planned).totalSamples !== undefined || !statesLength(format),
    bytes: resumed(first, bytes),
    progress,
    timings,
    alignment,
    warnings,
    ignored: ignoredHeader(warnings),
  };
}

/** Joins a running synthesis that streams the format. @returns `undefined` where there is none, or another request ended it. */
async function join(
  library: AudioLibrary,
  { key }: AddressedSpeech,
  { format, signal, exactLength }: SourceOptions,
): Promise<SpeechSource | undefined> {
  const flight = library.flights.find(key);
  const stream = flight && streamOf(flight);
  if (!flight || stream?.format !== format) return undefined;
  // Its length may not be known before its end.
  if (exactLength) return undefined;
  try {
    return await streamFlight(flight, stream, signal, true);
  } catch (error) {
    if (!isOfAnother(error)) throw error;
    return undefined;
  }
}

/** Synthesizes speech, or joins its synthesis, until it is stored. */
async function takeWhole(
  deps: SpeechDependencies,
  library: AudioLibrary,
  speech: AddressedSpeech,
  { format, signal, quota, keepAlive }: SourceOptions,
): Promise<SpeechSource> {
  let timings: Timings = {};
  const { cache } = await makeOrJoin(library, speech.key, signal, () =>
    startSpeech(deps, library, speech, {
      formats: [format],
      quota,
      keepAlive,
      onPlanned: (planned) => {
        timings = planned.timings;
      },
    }),
  );
  const audio = await library.open(speech.key, format);
  if (!audio)
    throw new SoriError('storage_unavailable', 'The audio was made but cannot be found; try again.');
  return finished(audio, cache, format, timings);
}

/** Synthesizes speech for one answer without storing it. */
async function makeAnew(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  { format, signal, quota, exactLength, bypass, takeSlot }: SourceOptions,
): Promise<SpeechSource> {
  takeSlot();
  const { body } = speech;
  const characters = charactersOf(body);
  await quota.reserve(characters);
  const end = (failed: boolean) => {
    if (failed && !signal.aborted) quota.refund(characters);
  };
  // Cues refer to positions in the text as it was sent.
  const input = bypass ? body.input : speech.request.input;
  const request = { ...speech.request, input, exactLength };
  const planned = await synthesize(deps, speech, request, { signal, requester: quota }).catch((error) => {
    end(true);
    throw error;
  });
  const { timings, alignment, warnings } = planned;
  const progress = { samples: 0 };
  const ignored = ignoredHeader(warnings);
  const asStored = false;
  const common = {
    cache: 'bypass' as const,
    asStored,
    format,
    progress,
    timings,
    alignment,
    warnings,
    ignored,
  };
  const pieces: Int16Array[] = [];
  const tags = tagsOf(speech);
  const needsAll = !streams(speech) || isTelephony(format);
  const chunks = ending(await masterChunks(deps, speech, planned, needsAll ? pieces : undefined), end);
  if (streams(speech)) {
    const making = { planned, body, chunks, pieces, progress, tags };
    return { ...common, ...(await encodedAsMade(deps, format, making)) };
  }
  for await (const { length } of chunks) progress.samples += length;
  const { samples, meta } = await masterOf(concatSamples(pieces), planned, speech, tags);
  const bytes = await transcode(deps.createEncoder, { ...meta, samples }, format);
  return { ...common, contentLength: bytes.length, bytes: piecesOf(bytes) };
}

/** Stored audio for an answer. */
export function foundSource(audio: OpenAudio, format: AudioFormatId): SpeechSource {
  return finished(audio, 'hit', format, {});
}

function finished(
  { body, size, meta }: OpenAudio,
  cache: SpeechSource['cache'],
  format: AudioFormatId,
  timings: Timings,
): SpeechSource {
  const progress = { samples: meta.samples };
  const { ignored } = meta;
  return {
    cache,
    format,
    contentLength: size,
    asStored: true,
    bytes: piecesOf(body),
    whole: body,
    progress,
    timings,
    ignored,
  };
}

async function* piecesOf(body: Uint8Array | ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}

async function* resumed(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

import { type AudioFormatId, isTelephony } from '../../audio/format.ts';
import { transcode } from '../../audio/transcode.ts';
import { concatSamples } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import type { Speech, Timings } from '../../engine/engine.ts';
import type { CharacterQuota } from '../../http/access.ts';
import type { AudioLibrary, OpenAudio } from '../../library/library.ts';
import type { Alignment } from '../../synthesis/alignment.ts';
import type { Warning } from '../../text/warnings.ts';
import type { AddressedSpeech } from './address.ts';
import { makeOrJoin } from './bake.ts';
import { encodeSpeech, type Progress } from './bodies.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { ignoredHeader } from './ignored.ts';
import {
  bytesOf,
  charactersOf,
  collecting,
  ending,
  lengthOf,
  masterOf,
  startSpeech,
  synthesize,
  telephonyLoudnessOf,
} from './make-speech.ts';

/** Audio for an answer, streamed or finished. */
export interface SpeechSource {
  readonly cache: 'hit' | 'miss' | 'coalesced' | 'bypass';
  readonly format: AudioFormatId;
  readonly contentLength: number | undefined;
  readonly bytes: AsyncGenerator<Uint8Array, void>;
  /** Samples of the bytes sent so far. */
  readonly progress: Progress;
  readonly timings: Timings;
  /** What of the text has no effect, as {@link ignoredHeader} lists it. */
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
  /** Whether to synthesize anew with timestamps and without storing. */
  readonly bypass: boolean;
  /** Must the length be known before the first byte? */
  readonly exactLength: boolean;
  /** Takes a slot for work outside a flight. */
  readonly takeSlot: () => void;
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
    found = library.flights.find(key) ? null : await library.open(key, options.format);
  } catch (error) {
    if (!(error instanceof SoriError && error.code === 'storage_unavailable')) throw error;
    // Speech can be synthesized even if the storage fails.
    return await makeAnew(deps, speech, options);
  }
  if (found) return finished(found, 'hit', options.format, { lookup: performance.now() - started });
  const joins = library.flights.find(key) !== undefined;
  if (!joins && !library.flights.hasRoom(bytesOf(speech))) return await makeAnew(deps, speech, options);
  if (!joins && streams(options.format, speech)) return await listen(deps, library, speech, options);
  return await takeWhole(deps, library, speech, options);
}

/** Whether audio can be streamed. Loudness normalization and watermarking need the whole first. */
function streams(format: AudioFormatId, { body, privacy }: AddressedSpeech): boolean {
  if (privacy) return false;
  return typeof body.loudness !== 'number' && !(isTelephony(format) && telephonyLoudnessOf(body) !== null);
}

/** Starts a flight and streams it. */
async function listen(
  deps: SpeechDependencies,
  library: AudioLibrary,
  speech: AddressedSpeech,
  { format, signal, quota, keepAlive, exactLength }: SourceOptions,
): Promise<SpeechSource> {
  const progress = { samples: 0 };
  let planned!: Speech;
  let contentLength: number | undefined;
  const onPlanned = (made: Speech, length: number | undefined) => {
    planned = made;
    contentLength = length;
  };
  const options = {
    streamed: format,
    formats: [format],
    exactLength,
    quota,
    keepAlive,
    onPlanned,
    progress,
  };
  const bytes = startSpeech(deps, library, speech, options).listen(signal);
  // When the first piece has arrived, the speech is planned.
  const first = await bytes.next();
  const { timings, alignment, warnings } = planned;
  return {
    cache: 'miss',
    format,
    contentLength,
    bytes: resumed(first, bytes),
    progress,
    timings,
    alignment,
    warnings,
    ignored: ignoredHeader(warnings),
  };
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
  const common = { cache: 'bypass' as const, format, progress, timings, alignment, warnings, ignored };
  const pieces: Int16Array[] = [];
  if (streams(format, speech)) {
    const encoder = await deps.createEncoder(format, lengthOf(format, planned));
    const chunks = ending(collecting(planned.chunks), end);
    const bytes = encodeSpeech({ chunks }, encoder, progress);
    return { ...common, contentLength: encoder.contentLength, bytes };
  }
  for await (const { length } of ending(collecting(planned.chunks, pieces), end)) progress.samples += length;
  const { samples, meta } = await masterOf(concatSamples(pieces), planned, speech);
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

import { statedLength } from '../../audio/encoders/stated-length.ts';
import { type AudioFormatId, isTelephony } from '../../audio/format.ts';
import { level } from '../../audio/level.ts';
import { loudnessInTurns } from '../../audio/loudness.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import type { AudioTags } from '../../audio/tags/types.ts';
import { transcode } from '../../audio/transcode.ts';
import { concatBytes, concatSamples } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import { freeArrays } from '../../base/free.ts';
import type { Requester, Speech, SpeechRequest } from '../../engine/engine.ts';
import type { CharacterQuota } from '../../http/access.ts';
import { logFailure, toSoriError } from '../../http/errors.ts';
import type { Flight } from '../../library/flights.ts';
import type { AudioLibrary, Master } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import { admitSpeech, marked, type Privacy } from '../delivery/index.ts';
import type { AddressedSpeech } from './address.ts';
import { encodeSpeech, type Progress } from './answer/bodies.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { holdUnstored } from './held.ts';
import { ignoredHeader } from './ignored.ts';
import { ending, masterChunks, streams, tagsOf } from './master-chunks.ts';
import type { SpeechBody } from './schema.ts';

/** The loudness of EBU R 128, to which telephony formats are normalized. */
const R128_LUFS = -23;

/** Options of {@link startSpeech}. */
export interface MakingOptions {
  /** Format that is streamed while it is made; without it, clients wait for the whole. */
  readonly streamed?: AudioFormatId;
  /** Formats to store in addition to the master. */
  readonly formats: readonly AudioFormatId[];
  readonly quota: CharacterQuota;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Whether the length must be known before the first byte. */
  readonly exactLength?: boolean;
  /** Called when the speech is planned. */
  readonly onPlanned?: (speech: Speech) => void;
}

/** A flight's stream, which others may read too. Filled in when the speech is planned, before the first piece. */
export interface SpeechStream {
  readonly format: AudioFormatId;
  readonly progress: Progress;
  planned?: Speech;
  contentLength?: number;
}

const STREAMS = new WeakMap<Flight<AudioMeta>, SpeechStream>();

/** The stream of a flight; `undefined` where clients wait for the whole. */
export function streamOf(flight: Flight<AudioMeta>): SpeechStream | undefined {
  return STREAMS.get(flight);
}

/** Characters of a text that count for the quota. */
export function charactersOf(body: SpeechBody): number {
  return Array.from(body.input).length;
}

/**
 * Loudness of telephony formats in LUFS: the request's, or that of EBU R 128 changed by its `energy`.
 * @returns null to leave the level unchanged.
 */
export function telephonyLoudnessOf({ loudness, energy }: SpeechBody): number | null {
  return loudness === 'off' ? null : (loudness ?? R128_LUFS + energy);
}

/**
 * Starts the synthesis of a key, which other requests can join, and stores the result. Takes a slot.
 * The flight fails with {@link SoriError} `overloaded`, `storage_unavailable`, and what the engine and the quota throw.
 */
export function startSpeech(
  deps: SpeechDependencies,
  library: AudioLibrary,
  speech: AddressedSpeech,
  options: MakingOptions,
): Flight<AudioMeta> {
  const { key, request, body } = speech;
  const { streamed, formats } = options;
  const progress = { samples: 0 };
  const stream: SpeechStream | undefined = streamed && { format: streamed, progress };
  const begin = async (signal: AbortSignal) => {
    const release = deps.slots?.take() ?? (() => {});
    const characters = charactersOf(body);
    try {
      await options.quota.reserve(characters);
    } catch (error) {
      release();
      throw error;
    }
    /** Releases the slot. Refunds the quota on a failure, but not when the last client disconnected. */
    const end = (failed: boolean) => {
      release();
      if (failed && !signal.aborted) options.quota.refund(characters);
    };
    try {
      const exactLength = options.exactLength ?? false;
      const planned = await synthesize(
        deps,
        speech,
        { ...request, exactLength },
        { signal, requester: options.quota },
      );
      const pieces: Int16Array[] = [];
      const tags = tagsOf(speech);
      const chunks = ending(await masterChunks(deps, speech, planned, pieces), end);
      const encoding =
        streamed && (await encodedAsMade(deps, streamed, { planned, body, chunks, pieces, progress, tags }));
      options.onPlanned?.(planned);
      if (stream) Object.assign(stream, { planned, contentLength: encoding?.contentLength });
      return {
        pieces: encoding?.bytes ?? silently(chunks, progress),
        async finish(encoded: readonly Uint8Array[]): Promise<AudioMeta> {
          try {
            const made = concatSamples(pieces);
            // Long speech takes megabytes; hold it once.
            freeArrays(...pieces);
            pieces.length = 0;
            const master = await masterOf(made, planned, speech, tags);
            const ready = readyFormats(streamed, encoded, master);
            await admitSpeech(deps, library, key, master, formats, { ready, privacy: speech.privacy });
            freeArrays(made, master.samples);
            return master.meta;
          } catch (error) {
            // Clients have their audio. Without this line the failure to store it would go unnoticed.
            if (streamed) await reportLost(deps, library, speech, error);
            else end(true);
            throw error;
          }
        },
      };
    } catch (error) {
      end(true);
      throw error;
    }
  };
  const flight = library.flights.start(key, bytesOf(speech), begin, options.keepAlive);
  if (stream) STREAMS.set(flight, stream);
  return flight;
}

/** Plans speech, or whatever else the library stores as speech. */
export function synthesize(
  { engine }: SpeechDependencies,
  speech: AddressedSpeech,
  request: SpeechRequest,
  { signal, requester }: { readonly signal: AbortSignal; readonly requester: Requester },
): Promise<Speech> {
  return speech.synthesize?.(signal, requester) ?? engine.speak(request, signal, requester);
}

async function reportLost(
  { database }: SpeechDependencies,
  { writes }: AudioLibrary,
  speech: AddressedSpeech,
  error: unknown,
): Promise<void> {
  // Speech with a voice that was deleted meanwhile is not to be stored.
  if (error instanceof SoriError && error.code === 'voice_not_found') return;
  if (writes) writes.lost++;
  const text = speech.body.input;
  logFailure('library', toSoriError(error), text);
  const held = holdUnstored(database, speech);
  await held.catch((fault: unknown) => logFailure('library', toSoriError(fault), text));
}

/** Speech under way, and where its samples are collected. */
export interface SpeechInTheMaking {
  readonly planned: Speech;
  readonly body: SpeechBody;
  readonly chunks: AsyncIterable<Float32Array>;
  /** The samples that have passed, for formats that need all of them. */
  readonly pieces: readonly Int16Array[];
  readonly progress: Progress;
  /** Written into the file. */
  readonly tags?: AudioTags;
}

/** Encodes speech as it is made. Telephony formats of short speech are brought to their loudness as a whole, of long speech by their beginning. */
export async function encodedAsMade(
  deps: SpeechDependencies,
  format: AudioFormatId,
  { planned, body, chunks, pieces, progress, tags }: SpeechInTheMaking,
): Promise<{ readonly contentLength: number | undefined; readonly bytes: AsyncGenerator<Uint8Array, void> }> {
  const loudness = isTelephony(format) ? telephonyLoudnessOf(body) : null;
  const { long } = planned;
  const options = {
    ...lengthOf(format, planned),
    ...(tags && { tags }),
    ...(long && loudness !== null && { loudness }),
  };
  const encoder = await deps.createEncoder(format, options);
  const { contentLength } = encoder;
  if (loudness === null || long) return { contentLength, bytes: encodeSpeech({ chunks }, encoder, progress) };
  encoder.close();
  async function* levelled() {
    for await (const { length } of chunks) progress.samples += length;
    const samples = concatSamples(pieces);
    const master = { samples, long, telephonyLoudness: loudness, tags };
    const bytes = await transcode(deps.createEncoder, master, format);
    freeArrays(samples);
    yield bytes;
  }
  return { contentLength, bytes: levelled() };
}

/** The streamed audio as a stored file; the master, which is a WAV file too, is written from its samples. */
function readyFormats(
  streamed: AudioFormatId | undefined,
  encoded: readonly Uint8Array[],
  { samples }: Master,
): ReadonlyMap<AudioFormatId, Uint8Array> {
  if (streamed === undefined || streamed === 'wav') return new Map();
  const bytes = statedLength(streamed, concatBytes(encoded), samples.length);
  return new Map(bytes && [[streamed, bytes]]);
}

/** The length that an encoder gets. MP3 of long speech states none, so that its bytes do not depend on when the length was known. */
export function lengthOf(format: AudioFormatId, { totalSamples, long }: Speech) {
  return { totalSamples: format === 'mp3' && long ? undefined : totalSamples };
}

/**
 * Makes the master of the samples of {@link masterChunks}: adjusts its loudness as requested, and adds the watermark if it is not yet in
 * them.
 * @param tags of {@link tagsOf}.
 */
export async function masterOf(
  made: Int16Array,
  { long, warnings }: Speech,
  speech: AddressedSpeech,
  tags: AudioTags | undefined,
): Promise<Master> {
  const { model, request, body, privacy } = speech;
  const { loudness } = body;
  const levelled = typeof loudness === 'number' ? await level(made, SAMPLE_RATE, loudness) : made;
  const samples = privacy && !streams(speech) ? await marked(levelled, privacy) : levelled;
  const measured = await loudnessInTurns(samples, SAMPLE_RATE);
  const ignored = ignoredHeader(warnings);
  const meta: AudioMeta = {
    model: `${model.id}@${model.version}`,
    voice: voicesOf(request, privacy).join(','),
    samples: samples.length,
    long,
    characters: charactersOf(body),
    telephonyLoudness: telephonyLoudnessOf(body),
    ...(long && loudness === undefined && { steady: true }),
    loudness: Number.isFinite(measured) ? Math.round(measured * 100) / 100 : null,
    ...(ignored !== undefined && { ignored }),
    ...(privacy && { owner: privacy.owner, tags }),
  };
  return { samples, meta };
}

/** The voices of a request, including cloned ones in its markup. */
export function voicesOf({ style, voice }: SpeechRequest, privacy: Privacy | undefined): string[] {
  return [...new Set([...(style ? ['style'] : Object.keys(voice)), ...(privacy?.clones ?? [])])].sort();
}

/** Memory that the synthesis takes: 16-bit samples and the encoded audio. */
export function bytesOf({ body, seconds }: AddressedSpeech): number {
  return seconds === undefined ? bytesFor(body) : Math.ceil(seconds * SAMPLE_RATE * 2 * 1.5);
}

/** Estimates the bytes that a synthesis holds: at most a fifteenth of a second per character, as samples and encoded. */
export function bytesFor(body: SpeechBody): number {
  return Math.ceil((charactersOf(body) / 15 / body.speed) * SAMPLE_RATE * 2 * 1.5);
}

const NOTHING = new Uint8Array(0);

async function* silently(
  chunks: AsyncIterable<Float32Array>,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  for await (const { length } of chunks) {
    progress.samples += length;
    yield NOTHING;
  }
}

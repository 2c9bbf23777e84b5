import { statedLength } from '../../audio/encoders/stated-length.ts';
import { type AudioFormatId, isTelephony } from '../../audio/format.ts';
import { level } from '../../audio/level.ts';
import { loudnessInTurns } from '../../audio/loudness.ts';
import { SAMPLE_RATE, toFloat32Array, toInt16Array } from '../../audio/samples.ts';
import { transcode } from '../../audio/transcode.ts';
import { concatBytes, concatSamples } from '../../base/bytes.ts';
import { freeArrays } from '../../base/free.ts';
import type { Requester, Speech, SpeechRequest } from '../../engine/engine.ts';
import type { CharacterQuota } from '../../http/access.ts';
import { logFailure, toSoriError } from '../../http/errors.ts';
import type { Flight } from '../../library/flights.ts';
import type { AudioLibrary, Master } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import { admitSpeech, marked, type Privacy, provenanceTags } from '../delivery/index.ts';
import type { AddressedSpeech } from './address.ts';
import { encodeSpeech, type Progress } from './answer/bodies.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { holdUnstored } from './held.ts';
import { ignoredHeader } from './ignored.ts';
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
      const chunks = ending(collecting(planned.chunks, pieces), end);
      const encoding =
        streamed && (await encodedAsMade(deps, streamed, { planned, body, chunks, pieces, progress }));
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
            const master = await masterOf(made, planned, speech);
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
}

/** Encodes speech as it is made. Telephony formats of short speech are brought to their loudness as a whole, of long speech by their beginning. */
export async function encodedAsMade(
  deps: SpeechDependencies,
  format: AudioFormatId,
  { planned, body, chunks, pieces, progress }: SpeechInTheMaking,
): Promise<{ readonly contentLength: number | undefined; readonly bytes: AsyncGenerator<Uint8Array, void> }> {
  const loudness = isTelephony(format) ? telephonyLoudnessOf(body) : null;
  const { long } = planned;
  const options = { ...lengthOf(format, planned), ...(long && loudness !== null && { loudness }) };
  const encoder = await deps.createEncoder(format, options);
  const { contentLength } = encoder;
  if (loudness === null || long) return { contentLength, bytes: encodeSpeech({ chunks }, encoder, progress) };
  encoder.close();
  async function* levelled() {
    for await (const { length } of chunks) progress.samples += length;
    const samples = concatSamples(pieces);
    const bytes = await transcode(deps.createEncoder, { samples, long, telephonyLoudness: loudness }, format);
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

/** Makes the master: adjusts its loudness as requested, and adds a watermark if a cloned voice speaks. */
export async function masterOf(
  made: Int16Array,
  { long, warnings }: Speech,
  { model, request, body, privacy }: AddressedSpeech,
): Promise<Master> {
  const { loudness } = body;
  const levelled = typeof loudness === 'number' ? await level(made, SAMPLE_RATE, loudness) : made;
  const samples = privacy ? await marked(levelled, privacy) : levelled;
  const measured = await loudnessInTurns(samples, SAMPLE_RATE);
  const spoken = `${model.id}@${model.version}`;
  const ignored = ignoredHeader(warnings);
  const meta: AudioMeta = {
    model: spoken,
    voice: voicesOf(request, privacy).join(','),
    samples: samples.length,
    long,
    characters: charactersOf(body),
    telephonyLoudness: telephonyLoudnessOf(body),
    ...(long && loudness === undefined && { steady: true }),
    loudness: Number.isFinite(measured) ? Math.round(measured * 100) / 100 : null,
    ...(ignored !== undefined && { ignored }),
    ...(privacy && { owner: privacy.owner, tags: provenanceTags(privacy, spoken) }),
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

/**
 * Rounds the samples to 16 bits and collects them, because every format is encoded from the 16-bit master. A piece must be read before the next one
 * is asked for. The chunks are freed.
 */
export async function* collecting(
  chunks: AsyncIterable<Float32Array>,
  pieces?: Int16Array[],
): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const rounded = toInt16Array(chunk);
    pieces?.push(rounded);
    // The same memory holds the rounded samples.
    yield toFloat32Array(rounded, chunk);
    freeArrays(chunk);
    if (!pieces) freeArrays(rounded);
  }
}

/** Calls `end` once when `chunks` has ended, with whether it failed. */
export async function* ending(
  chunks: AsyncIterable<Float32Array>,
  end: (failed: boolean) => void,
): AsyncGenerator<Float32Array> {
  let failed = false;
  try {
    yield* chunks;
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    end(failed);
  }
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

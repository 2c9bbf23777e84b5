import { type AudioFormatId, WAV_FORMATS } from '../../audio/format.ts';
import { level } from '../../audio/level.ts';
import { integratedLoudness } from '../../audio/loudness.ts';
import { SAMPLE_RATE, toFloat32Array, toInt16Array } from '../../audio/samples.ts';
import { concatBytes, concatSamples } from '../../base/bytes.ts';
import type { Speech, SpeechRequest } from '../../engine/engine.ts';
import type { CharacterQuota } from '../../http/access.ts';
import type { Flight } from '../../library/flights.ts';
import type { AudioLibrary, Master } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import { admitSpeech, marked, type Privacy, provenanceTags } from '../delivery/index.ts';
import type { AddressedSpeech } from './address.ts';
import { encodeSpeech, type Progress } from './bodies.ts';
import type { SpeechDependencies } from './dependencies.ts';
import type { SpeechBody } from './schema.ts';

/** Formats whose headers state the length of the audio. */
const STATES_LENGTH: readonly AudioFormatId[] = ['flac', ...WAV_FORMATS];

/** EBU R 128: the loudness that broadcasts, and our telephony formats, are brought to. */
const R128_LUFS = -23;

/** How to make speech. */
export interface MakingOptions {
  /** Format that listeners of the flight get, encoded as it is made; none = they get nothing until it is whole. */
  readonly streamed?: AudioFormatId;
  /** Formats to store besides the master. */
  readonly formats: readonly AudioFormatId[];
  readonly quota: CharacterQuota;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Must listeners know the length before the first byte? */
  readonly exactLength?: boolean;
  /** Told of the speech once it is planned, and of the bytes that listeners will get, where that is known. */
  readonly onPlanned?: (speech: Speech, contentLength: number | undefined) => void;
  readonly progress?: Progress;
}

/** Characters that a text costs. */
export function charactersOf(body: SpeechBody): number {
  return Array.from(body.input).length;
}

/**
 * LUFS that telephony formats of a request are brought to: what it says, or R 128's, louder or softer by its `energy`.
 * @returns null for as it was made.
 */
export function telephonyLoudnessOf({ loudness, energy }: SpeechBody): number | null {
  return loudness === 'off' ? null : (loudness ?? R128_LUFS + energy);
}

/**
 * Starts to make the speech of a key, for all who ask for it while it is being made, and stores it. Takes a slot.
 * The flight fails with {@link SoriError} `overloaded`, `storage_unavailable`, and what the engine and the quota throw.
 */
export function startSpeech(
  deps: SpeechDependencies,
  library: AudioLibrary,
  speech: AddressedSpeech,
  options: MakingOptions,
): Flight<Master> {
  const { key, request, body } = speech;
  const { streamed, formats, progress = { samples: 0 } } = options;
  const begin = async (signal: AbortSignal) => {
    const release = deps.slots?.take() ?? (() => {});
    const characters = charactersOf(body);
    try {
      await options.quota.reserve(characters);
    } catch (error) {
      release();
      throw error;
    }
    /** Whoever ends it for want of listeners has had it made. */
    const end = (failed: boolean) => {
      release();
      if (failed && !signal.aborted) options.quota.refund(characters);
    };
    try {
      const exactLength = options.exactLength || (streamed !== undefined && STATES_LENGTH.includes(streamed));
      const planned = await deps.engine.speak({ ...request, exactLength }, signal);
      const encoder = streamed && (await deps.createEncoder(streamed, lengthOf(streamed, planned)));
      options.onPlanned?.(planned, encoder?.contentLength);
      const pieces: Int16Array[] = [];
      const chunks = ending(collecting(planned.chunks, pieces), end);
      return {
        pieces: encoder ? encodeSpeech({ chunks }, encoder, progress) : silently(chunks, progress),
        async finish(encoded: readonly Uint8Array[]): Promise<Master> {
          try {
            const master = await masterOf(concatSamples(pieces), planned, speech);
            const ready = new Map(streamed && [[streamed, concatBytes(encoded)]]);
            await admitSpeech(deps, library, key, master, formats, { ready, privacy: speech.privacy });
            return master;
          } catch (error) {
            end(true);
            throw error;
          }
        },
      };
    } catch (error) {
      end(true);
      throw error;
    }
  };
  return library.flights.start(key, bytesFor(body), begin, options.keepAlive);
}

/** What an encoder is told of a length: MP3 of long speech states none, so that it is the same whether or not it was known in time. */
export function lengthOf(format: AudioFormatId, { totalSamples, long }: Speech) {
  return { totalSamples: format === 'mp3' && long ? undefined : totalSamples };
}

/** A finished recording, brought to the loudness that its request asks for, and marked if a cloned voice speaks. */
export async function masterOf(
  made: Int16Array,
  { long }: Speech,
  { model, request, body, privacy }: AddressedSpeech,
): Promise<Master> {
  const { loudness } = body;
  const levelled = typeof loudness === 'number' ? await level(made, SAMPLE_RATE, loudness) : made;
  const samples = privacy ? await marked(levelled, privacy) : levelled;
  const measured = integratedLoudness(samples, SAMPLE_RATE);
  const spoken = `${model.id}@${model.version}`;
  const meta: AudioMeta = {
    model: spoken,
    voice: voicesOf(request, privacy).join(','),
    samples: samples.length,
    long,
    characters: charactersOf(body),
    telephonyLoudness: telephonyLoudnessOf(body),
    loudness: Number.isFinite(measured) ? Math.round(measured * 100) / 100 : null,
    ...(privacy && { owner: privacy.owner, tags: provenanceTags(privacy, spoken) }),
  };
  return { samples, meta };
}

/** Who is heard: the request's voices, and cloned ones that its markup names. */
export function voicesOf({ style, voice }: SpeechRequest, privacy: Privacy | undefined): string[] {
  return [...new Set([...(style ? ['style'] : Object.keys(voice)), ...(privacy?.clones ?? [])])].sort();
}

/** Bytes that making it will hold: read aloud, a character takes a fifteenth of a second at most, as samples and once more encoded. */
export function bytesFor(body: SpeechBody): number {
  return Math.ceil((charactersOf(body) / 15 / body.speed) * SAMPLE_RATE * 2 * 1.5);
}

/** Rounds the samples to 16 bits and collects them, because every format is encoded from the 16-bit master. */
export async function* collecting(
  chunks: AsyncIterable<Float32Array>,
  pieces?: Int16Array[],
): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const rounded = toInt16Array(chunk);
    pieces?.push(rounded);
    yield toFloat32Array(rounded);
  }
}

/** Tells, once, that `chunks` has ended, and whether it failed. */
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

import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import { pieces } from '../../audio/pieces.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import type { AudioTags } from '../../audio/tags/types.ts';
import { WatermarkEmbedder } from '../../audio/watermark/embed.ts';
import { concatSamples } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { apiKeyOf } from '../../http/api-key-header.ts';
import type { AppEnv } from '../../http/context.ts';
import type { AudioLibrary, Master } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { DeliveryDependencies } from './dependencies.ts';

/** Revision of the watermark; part of the cache key of speech with cloned voices. */
export const MARK_REVISION = 3;

/** Owner of private speech and the cloned voices in it. */
export interface Privacy {
  readonly owner: string;
  /** Ids, in order. */
  readonly clones: readonly string[];
}

/** The privacy of audio that is made from stored audio: private if any part is private. */
export function privacyOfStored(metas: readonly AudioMeta[]): Privacy | undefined {
  const owner = metas.find((meta) => meta.owner !== undefined)?.owner;
  return owner === undefined
    ? undefined
    : { owner, clones: clonesIn(metas.map(({ voice }) => voice).join(',')) };
}

const clonesIn = (voices: string): string[] =>
  [...new Set(voices.split(',').filter((name) => name.startsWith('vce_')))].sort();

/**
 * The payload of a watermark: the first 8 bytes of the SHA-256 of the voice id; several ids are sorted and joined with commas.
 * It can be verified with the id and reveals nothing without it.
 */
export async function watermarkPayload(clones: readonly string[]): Promise<Uint8Array> {
  const hex = await sha256Hex(new TextEncoder().encode(clones.join(',')));
  return Uint8Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Provenance tags of speech with cloned voices. */
export function provenanceTags({ clones }: Privacy, model: string, now = new Date()): AudioTags {
  return { generator: 'Sori', model, voice: clones.join(','), time: now.toISOString() };
}

/** Embeds the watermark of these voices while their audio is made. */
export async function watermarkOf({ clones }: Privacy): Promise<WatermarkEmbedder> {
  return new WatermarkEmbedder(await watermarkPayload(clones));
}

/**
 * Adds a watermark to a finished recording, in turns of the event loop. Audio that is joined from marked parts is marked again as a whole:
 * the marks of the parts do not align, and marks of short parts rarely survive a codec.
 * @param at position in a longer recording, in samples.
 */
export async function marked(samples: Int16Array, { clones }: Privacy, at = 0): Promise<Int16Array> {
  const embedder = new WatermarkEmbedder(await watermarkPayload(clones), { at });
  const parts: Int16Array[] = [];
  for await (const { from, to } of pieces(samples.length))
    parts.push(embedder.push(samples.subarray(from, to)));
  return concatSamples([...parts, embedder.finish()]);
}

/** Samples between two checks of {@link whileVoicesExist}: 10 s. Each check is a query. */
const CHECK_EVERY = 10 * SAMPLE_RATE;

/**
 * Passes on private audio while it is made and its voices exist. It looks before the first chunk and every 10 s of audio. A
 * database that fails does not break off speech; {@link tracking} looks again.
 * @throws {SoriError} `voice_not_found` when one of the voices was deleted.
 */
export async function* whileVoicesExist(
  { voices }: DeliveryDependencies,
  { owner, clones }: Privacy,
  chunks: AsyncIterable<Float32Array>,
): AsyncGenerator<Float32Array> {
  let unchecked = CHECK_EVERY;
  for await (const chunk of chunks) {
    if (unchecked >= CHECK_EVERY) {
      if (!(await voices?.exist(clones, owner).catch(() => true))) throw voiceNotFound('voice');
      unchecked = 0;
    }
    unchecked += chunk.length;
    yield chunk;
  }
}

/**
 * Stores a master as `AudioLibrary.admit` does. Private audio is tracked first, so that it can be removed with its voice, and
 * removed at once if the voice was deleted meanwhile.
 * @throws {SoriError} `voice_not_found` then; `storage_unavailable`.
 */
export async function admitSpeech(
  deps: DeliveryDependencies,
  library: AudioLibrary,
  key: string,
  master: Master,
  formats: readonly AudioFormatId[],
  options: { readonly ready?: ReadonlyMap<AudioFormatId, Uint8Array>; readonly privacy?: Privacy } = {},
): Promise<void> {
  const { ready, privacy } = options;
  await tracking(deps, library, key, privacy, () => library.admit(key, master, formats, ready));
}

/**
 * Stores speech by `admit`. Private audio is tracked as in {@link admitSpeech}.
 * @throws {SoriError} as {@link admitSpeech}.
 */
export async function tracking(
  { voices }: DeliveryDependencies,
  library: AudioLibrary,
  key: string,
  privacy: Privacy | undefined,
  admit: () => Promise<void>,
): Promise<void> {
  if (privacy === undefined) return await admit();
  if (voices === undefined) throw voiceNotFound('voice');
  await voices.track(privacy.clones, key);
  await admit();
  if (await voices.isTracked(privacy.clones, key)) return;
  await library.remove([key]);
  throw voiceNotFound('voice');
}

/**
 * Whether the caller may fetch this audio. Public audio is for everybody. Routes that need no key read an optional key here.
 * Audio of a deleted voice is never served, even if a copy is left.
 */
export async function mayHear(
  c: Context<AppEnv>,
  { access, voices }: DeliveryDependencies,
  key: string,
  { owner, voice }: AudioMeta,
): Promise<boolean> {
  if (owner === undefined) return true;
  if (!(await isOwner(c, { access }, owner))) return false;
  return (await voices?.isTracked(clonesIn(voice), key)) ?? false;
}

/** Whether the caller is the owner of private audio. */
export async function isOwner(
  c: Context<AppEnv>,
  { access }: Pick<DeliveryDependencies, 'access'>,
  owner: string,
): Promise<boolean> {
  return (await callerId(c, access)) === owner;
}

async function callerId(
  c: Context<AppEnv>,
  access: DeliveryDependencies['access'],
): Promise<string | undefined> {
  const { id } = c.get('caller');
  if (access === 'off' || id !== 'public') return id;
  const apiKey = apiKeyOf(c.req.raw.headers);
  if (apiKey === undefined) return undefined;
  try {
    const caller = await access.authenticate(apiKey);
    c.set('caller', caller);
    return caller.id;
  } catch (error) {
    if (error instanceof SoriError && error.code === 'invalid_api_key') return undefined;
    throw error;
  }
}

/** The error for an unknown voice and for a voice of another key. */
export function voiceNotFound(param?: string): SoriError {
  const message = 'Unknown voice: GET /v1/voices lists those that this API key may use.';
  return new SoriError('voice_not_found', message, { param });
}

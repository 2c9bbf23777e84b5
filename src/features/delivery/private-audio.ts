import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import type { AudioTags } from '../../audio/tags/types.ts';
import { embedWatermark } from '../../audio/watermark/embed.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { apiKeyOf } from '../../http/api-key-header.ts';
import type { AppEnv } from '../../http/context.ts';
import type { AudioLibrary, Master } from '../../library/library.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { DeliveryDependencies } from './dependencies.ts';

/** Changes with whatever changes how cloned voices are marked: part of the cache key of their speech. */
export const MARK_REVISION = 2;

/** Whose speech is, and which cloned voices are heard in it. */
export interface Privacy {
  readonly owner: string;
  /** Ids, in order. */
  readonly clones: readonly string[];
}

/** The privacy of what is made of audio that is stored: all of it is its owner's, if any of it is. */
export function privacyOfStored(metas: readonly AudioMeta[]): Privacy | undefined {
  const owner = metas.find((meta) => meta.owner !== undefined)?.owner;
  return owner === undefined
    ? undefined
    : { owner, clones: clonesIn(metas.map(({ voice }) => voice).join(',')) };
}

const clonesIn = (voices: string): string[] =>
  [...new Set(voices.split(',').filter((name) => name.startsWith('vce_')))].sort();

/**
 * What a watermark carries: the first 8 bytes of the SHA-256 of the voice's id, of several the ids in order with commas between.
 * Who knows an id can tell that it spoke; who doesn't learns nothing from it.
 */
export async function watermarkPayload(clones: readonly string[]): Promise<Uint8Array> {
  const hex = await sha256Hex(new TextEncoder().encode(clones.join(',')));
  return Uint8Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** What the files of such speech say of themselves. */
export function provenanceTags({ clones }: Privacy, model: string, now = new Date()): AudioTags {
  return { generator: 'Sori', model, voice: clones.join(','), time: now.toISOString() };
}

/**
 * Marks speech as a machine's. Recordings that are joined of marked parts are marked once more, as a whole: the parts' own marks don't
 * begin together, and of parts that are short hardly one is found once a codec has been over them.
 * @param at where in a longer recording it will begin.
 */
export async function marked(samples: Int16Array, { clones }: Privacy, at = 0): Promise<Int16Array> {
  return embedWatermark(samples, await watermarkPayload(clones), { at });
}

/**
 * Stores a master as `AudioLibrary.admit` does. What is somebody's own is tracked first, so that it can be removed with its voice, and is
 * removed at once when the voice went while it was being made.
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
 * Stores speech by `admit`. What is somebody's own is tracked as {@link admitSpeech} says.
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
 * May the caller of a request hear this audio? What is nobody's own, everybody may. Routes that need no key look at it here, if one came.
 * Audio whose voice was deleted is not to be heard by anybody, whatever is left of it somewhere.
 */
export async function mayHear(
  c: Context<AppEnv>,
  { access, voices }: DeliveryDependencies,
  key: string,
  { owner, voice }: AudioMeta,
): Promise<boolean> {
  if (owner === undefined) return true;
  if ((await callerId(c, access)) !== owner) return false;
  return (await voices?.isTracked(clonesIn(voice), key)) ?? false;
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

/** The answer to an id that is nobody's and to one that is another's alike. */
export function voiceNotFound(param?: string): SoriError {
  const message = 'There is no such voice: GET /v1/voices lists those that this API key may use.';
  return new SoriError('voice_not_found', message, { param });
}

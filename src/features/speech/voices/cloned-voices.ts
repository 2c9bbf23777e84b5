import type { Context } from 'hono';
import { SoriError } from '../../../base/errors.ts';
import type { ModelInfo } from '../../../engine/engine.ts';
import type { AppEnv } from '../../../http/context.ts';
import { decodeStyleId } from '../../../synthesis/reference/style-id.ts';
import { voiceNotFound } from '../../delivery/index.ts';
import type { ClonedVoiceRecord, SpeechDependencies } from '../dependencies.ts';
import type { SpeechBody } from '../schema.ts';
import { MAX_MIX } from './mixes.ts';

/** The pattern of a cloned voice's id. */
export const CLONED_VOICE_ID = /^vce_[0-9a-hjkmnp-tv-z]{26}$/;

/** Cloned voices that a request names, by id. */
export type NamedClones = ReadonlyMap<string, NamedClone>;

/** A cloned voice that the caller may use. */
export interface NamedClone {
  readonly voice: ClonedVoiceRecord;
  /** Style vector [S]. */
  readonly style: Float32Array;
}

/**
 * Returns the dependencies on behalf of a request's caller, so that the caller's cloned voices are found.
 * Without it no cloned voice is found.
 */
export function onBehalf<D extends SpeechDependencies>(c: Context<AppEnv>, deps: D): D {
  const { id } = c.get('caller');
  return { ...deps, owner: id === 'public' ? undefined : id };
}

const CLONE_IN_MARKUP = /<voice\b[^<>]*?\sname\s*=\s*["'](vce_[^"'<>]*)["']/g;

/**
 * Finds the cloned voices of a body, in `voice` and in the markup of `input`.
 * @throws {SoriError} `voice_not_found` for unknown voices and voices of another key; `invalid_value` for too many.
 */
export async function namedClones(
  { voices, owner, sentClones }: SpeechDependencies,
  model: ModelInfo,
  { voice, input }: SpeechBody,
): Promise<NamedClones> {
  const wanted = new Map<string, string>();
  for (const id of voice === undefined ? [] : idsIn(voice)) wanted.set(id, 'voice');
  if (input.trimStart().startsWith('<speak')) {
    for (const [, id] of input.matchAll(CLONE_IN_MARKUP)) if (!wanted.has(id)) wanted.set(id, 'input');
  }
  if (wanted.size > MAX_MIX) {
    const message = `A request may name ${MAX_MIX} cloned voices at most.`;
    throw new SoriError('invalid_value', message, { param: 'voice' });
  }
  const found = new Map<string, NamedClone>();
  for (const [id, param] of wanted) {
    const sent = sentClones && sentVoice(sentClones, id, model);
    const stored = CLONED_VOICE_ID.test(id) && owner !== undefined && !sentClones;
    const known = sent ?? (stored ? await voices?.find(id, owner) : undefined);
    if (known === undefined) throw voiceNotFound(param);
    found.set(id, { voice: known, style: styleOf(known, model, param) });
  }
  return found;
}

/** A voice that an edge has sent. Its request states the language. */
function sentVoice(
  sent: Readonly<Record<string, string>>,
  id: string,
  { id: model, languages }: ModelInfo,
): ClonedVoiceRecord | undefined {
  if (!Object.hasOwn(sent, id)) return undefined;
  return { id, model, language: languages[0], style: sent[id] };
}

/** Whether a body names a cloned voice. */
export function namesClones({ voice, input }: SpeechBody): boolean {
  if (voice !== undefined && idsIn(voice).length > 0) return true;
  return input.trimStart().startsWith('<speak') && input.search(CLONE_IN_MARKUP) >= 0;
}

function idsIn(voice: NonNullable<SpeechBody['voice']>): string[] {
  const names =
    typeof voice === 'string'
      ? voice.split('+').map((part) => part.trim().replace(/\(.*$/, ''))
      : typeof voice.id === 'string'
        ? [voice.id]
        : Object.keys(voice);
  return names.filter((name) => name.startsWith('vce_'));
}

function styleOf({ style, model: made }: ClonedVoiceRecord, model: ModelInfo, param: string): Float32Array {
  try {
    return decodeStyleId(style, model.styleSpace);
  } catch (cause) {
    if (!(cause instanceof SoriError && cause.code === 'style_of_another_model')) throw cause;
    const message = `This voice was made for ${made}, or for another version of this model. Create it again from its recordings.`;
    throw new SoriError(cause.code, message, { param, cause });
  }
}

import type { AudioFormatId } from '../audio/format.ts';
import { level } from '../audio/level.ts';
import { integratedLoudness } from '../audio/loudness.ts';
import { SAMPLE_RATE } from '../audio/samples.ts';
import { speechKey } from '../delivery/cache-key.ts';
import { JOIN_REVISION, joinMasters } from '../delivery/join.ts';
import type { Master } from '../delivery/library.ts';
import type { AudioMeta } from '../delivery/store.ts';
import { SoriError } from '../errors.ts';
import { requireLibrary } from './bake.ts';
import type { AppDependencies } from './context.ts';
import { admitSpeech, privacyOfStored, provenanceTags } from './private-audio.ts';
import type { SpeechBody } from './speech-schema.ts';

/** Speech in the library, and the pause that follows it. */
export interface JoinedPart {
  readonly key: string;
  readonly pauseMs: number;
}

/**
 * Joins speech of the library into one recording, which is stored; nothing is done where it is there.
 * @param loudness that the whole is brought to.
 * @throws {SoriError} `storage_unavailable`.
 */
export async function joinStored(
  deps: AppDependencies,
  parts: readonly JoinedPart[],
  loudness: SpeechBody['loudness'],
  format: AudioFormatId,
  signal: AbortSignal,
): Promise<{ key: string; meta: AudioMeta }> {
  const library = requireLibrary(deps);
  const key = await speechKey({ joined: parts, revision: JOIN_REVISION });
  const stored = await library.head(key, 'wav');
  if (stored !== null) {
    await library.head(key, format);
    return { key, meta: stored.meta };
  }
  const masters: Master[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    const master = await library.master(part.key);
    if (master === null) {
      throw new SoriError('storage_unavailable', 'Audio that was just stored is not there; try again.');
    }
    masters.push(master);
  }
  const whole = await joined(masters, parts, loudness);
  await admitSpeech(deps, library, key, whole, [format], { privacy: privacyOfStored([whole.meta]) });
  return { key, meta: whole.meta };
}

async function joined(
  masters: readonly Master[],
  parts: readonly JoinedPart[],
  wanted: SpeechBody['loudness'],
): Promise<Master> {
  const made = joinMasters(masters.map(({ samples }, i) => ({ samples, pauseMs: parts[i].pauseMs })));
  const samples = typeof wanted === 'number' ? await level(made, SAMPLE_RATE, wanted) : made;
  const measured = integratedLoudness(samples, SAMPLE_RATE);
  const metas = masters.map(({ meta }) => meta);
  const privacy = privacyOfStored(metas);
  const meta: AudioMeta = {
    ...metas[0],
    voice: [...new Set(metas.flatMap(({ voice }) => voice.split(',')))].sort().join(','),
    samples: samples.length,
    long: metas.some(({ long }) => long),
    characters: metas.reduce((sum, { characters }) => sum + characters, 0),
    loudness: Number.isFinite(measured) ? Math.round(measured * 100) / 100 : null,
    // Speech with a cloned voice makes all of it its owner's alone.
    ...(privacy && { owner: privacy.owner, tags: provenanceTags(privacy, metas[0].model) }),
  };
  return { samples, meta };
}

import { type AudioFormatId, isTelephony } from '../../../audio/format.ts';
import { JOIN_REVISION, type JoinedPiece, joinMasters } from '../../../audio/join/join.ts';
import { level } from '../../../audio/level.ts';
import { integratedLoudness } from '../../../audio/loudness.ts';
import { SAMPLE_RATE } from '../../../audio/samples.ts';
import { isStretchFormat } from '../../../audio/stretch.ts';
import { SoriError } from '../../../base/errors.ts';
import { speechKey } from '../../../library/cache-key.ts';
import type { Master } from '../../../library/library.ts';
import type { AudioMeta } from '../../../library/store.ts';
import {
  admitSpeech,
  marked,
  privacyOfStored,
  provenanceTags,
  tracking,
  voiceNotFound,
} from '../../delivery/index.ts';
import { charactersOf, requireLibrary, type SpeechBody } from '../../speech/index.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { JobOutputs } from '../outputs/outputs.ts';
import type { JobPiece } from '../request.ts';
import type { StepOutcome } from '../stores/store.ts';
import {
  encodeStretch,
  type LongPlaces,
  type LongRecording,
  lengthOfLong,
  planLongJoin,
  storeLong,
} from './long-form.ts';

/**
 * Characters from which on recordings are joined part by part: five minutes at speed 1. Shorter recordings are joined in memory,
 * which takes three times their size.
 */
const LONG = 5000;
/** Characters of audio that one step encodes, some seconds of work. */
const STRETCH = 5000;

/** The length of pieces in characters at speed 1. */
export function weightOf(pieces: readonly JobPiece[]): number {
  return pieces.reduce(
    (sum, { body, pauseMs }) => sum + charactersOf(body) / body.speed + (pauseMs * 15) / 1000,
    0,
  );
}

/**
 * Steps of joining after the synthesis: one to measure the loudness and several to encode. 0 if joining is done
 * when the job finishes.
 */
export function joinSteps({ pieces, format }: Pick<JoinPlan, 'pieces' | 'format'>): number {
  const weight = weightOf(pieces);
  if (pieces.length === 1 || weight <= LONG || isTelephony(format)) return 0;
  return 1 + (isStretchFormat(format) ? Math.ceil(weight / STRETCH) : 0);
}

/** A recording to join. */
export interface JoinPlan {
  readonly pieces: readonly JobPiece[];
  readonly format: AudioFormatId;
  /** The results of the pieces. */
  readonly spoken: readonly { readonly key: string; readonly meta: AudioMeta }[];
}

/** The result of the first step of a long join. */
export interface MeasuredPieces {
  readonly pieces: readonly JoinedPiece[];
  /** Time for the tags, fixed so that repeated steps give the same bytes. */
  readonly time: number;
}

/** The context of a long join. */
export interface JoinContext {
  readonly outputs: JobOutputs;
  readonly job: string;
  readonly signal: AbortSignal;
}

/** Runs step `step` of {@link joinSteps}. @returns its result. */
export async function joinStep(
  deps: JobDependencies,
  plan: JoinPlan,
  measured: MeasuredPieces | undefined,
  step: number,
  context: JoinContext,
): Promise<StepOutcome> {
  const places = placesOf(deps, plan, context);
  if (measured === undefined) {
    const keys = plan.spoken.map(({ key }) => key);
    const pieces = await planLongJoin(
      places,
      keys,
      plan.pieces.map(({ pauseMs }) => pauseMs),
    );
    return { pieces, time: Date.now() };
  }
  const { key, recording } = await longOf(plan, measured);
  if (isStretchFormat(plan.format) && !(await places.library.stored(key, plan.format))) {
    await encodeStretch(places, recording, plan.format, step - 1, joinSteps(plan) - 1);
  }
  return {};
}

/** Finishes a join of several steps: stores the recording and its format in the library. */
export async function joinLong(
  deps: JobDependencies,
  plan: JoinPlan,
  measured: MeasuredPieces,
  context: JoinContext,
): Promise<{ key: string; meta: AudioMeta }> {
  const places = placesOf(deps, plan, context);
  const { key, recording, privacy } = await longOf(plan, measured);
  const metas = plan.spoken.map(({ meta }) => meta);
  const target = { key, format: plan.format, count: joinSteps(plan) - 1 };
  let meta: AudioMeta | undefined;
  await tracking(deps, places.library, key, privacy, async () => {
    meta = await storeLong(places, recording, target, (loudness) => ({
      ...joinedMeta(metas, lengthOfLong(recording), loudness),
      // The length is known before encoding.
      long: false,
      ...(privacy && { owner: privacy.owner, tags: recording.tags }),
    }));
  });
  return { key, meta: meta as AudioMeta };
}

async function longOf({ pieces, spoken }: JoinPlan, measured: MeasuredPieces) {
  const parts = spoken.map(({ key }, i) => ({ key, pauseMs: pieces[i].pauseMs }));
  const metas = spoken.map(({ meta }) => meta);
  const privacy = privacyOfStored(metas);
  const tags = privacy && provenanceTags(privacy, metas[0].model, new Date(measured.time));
  const recording: LongRecording = {
    keys: parts.map(({ key }) => key),
    pieces: measured.pieces,
    tags,
    mark: privacy && ((samples, at) => marked(samples, privacy, at)),
  };
  return { key: await joinedKey(parts), recording, privacy };
}

function placesOf(deps: JobDependencies, { spoken }: JoinPlan, context: JoinContext): LongPlaces {
  const isPrivate = spoken.some(({ meta }) => meta.owner !== undefined);
  // Private audio was removed with its voice.
  return { ...context, library: requireLibrary(deps), lost: isPrivate ? () => voiceNotFound('voice') : lost };
}

const joinedKey = (parts: readonly JoinedPart[]): Promise<string> =>
  speechKey({ joined: parts.map(({ key, pauseMs }) => ({ key, pauseMs })), revision: JOIN_REVISION });

const lost = () => new SoriError('storage_unavailable', 'Stored audio cannot be found; try again.');

/** Stored speech and the pause after it. */
export interface JoinedPart {
  readonly key: string;
  readonly pauseMs: number;
}

/**
 * Joins stored speech into one recording and stores it, unless it exists.
 * @param loudness loudness of the whole.
 * @throws {SoriError} `storage_unavailable`.
 */
export async function joinStored(
  deps: JobDependencies,
  parts: readonly JoinedPart[],
  loudness: SpeechBody['loudness'],
  format: AudioFormatId,
  signal: AbortSignal,
): Promise<{ key: string; meta: AudioMeta }> {
  const library = requireLibrary(deps);
  const key = await joinedKey(parts);
  const stored = await library.head(key, 'wav');
  if (stored !== null) {
    await library.head(key, format);
    return { key, meta: stored.meta };
  }
  const masters: Master[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    const master = await library.master(part.key);
    if (master === null) throw lost();
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
  const levelled = typeof wanted === 'number' ? await level(made, SAMPLE_RATE, wanted) : made;
  const metas = masters.map(({ meta }) => meta);
  const privacy = privacyOfStored(metas);
  const samples = privacy ? await marked(levelled, privacy) : levelled;
  const measured = integratedLoudness(samples, SAMPLE_RATE);
  const meta: AudioMeta = {
    ...joinedMeta(metas, samples.length, measured),
    // A part with a cloned voice makes the whole private.
    ...(privacy && { owner: privacy.owner, tags: provenanceTags(privacy, metas[0].model) }),
  };
  return { samples, meta };
}

/** Metadata of a joined recording. */
function joinedMeta(metas: readonly AudioMeta[], samples: number, loudness: number): AudioMeta {
  return {
    ...metas[0],
    voice: [...new Set(metas.flatMap(({ voice }) => voice.split(',')))].sort().join(','),
    samples,
    long: metas.some(({ long }) => long),
    characters: metas.reduce((sum, { characters }) => sum + characters, 0),
    loudness: Number.isFinite(loudness) ? Math.round(loudness * 100) / 100 : null,
  };
}

import { isTelephony } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import type { ModelCosts, Work } from '../../../placement/cost.ts';
import type { Home } from '../../../placement/policy.ts';
import { isSsml } from '../../../text/markup.ts';
import { telephonyLoudnessOf } from '../make-speech.ts';
import type { SpeechBody } from '../schema.ts';

/** Default steps of `sori-2`, as an estimate; the manifest decides. */
const DEFAULT_STEPS = { refine: 0, style: 0 } as const;
/** Bytes per second of 16-bit mono at 24 kHz. A recording at a higher rate counts as longer. */
const WAV_BYTES_PER_SECOND = 48_000;
/** Longer recordings are refused. */
const MOST_REFERENCE_SECONDS = 60;

/** The caller's preferences for the place of a request. */
export interface PlacementPreferences {
  readonly forced?: Home;
  readonly respondAsync: boolean;
  readonly waitMs: number;
}

/**
 * Reads `X-Sori-Placement` and `Prefer` (RFC 7240).
 * @throws {SoriError} `invalid_value`.
 */
export function readPlacementPreferences(headers: Headers): PlacementPreferences {
  const forced = headers.get('x-sori-placement')?.trim().toLowerCase();
  if (forced !== undefined && forced !== 'edge' && forced !== 'origin') {
    const message = 'X-Sori-Placement must be edge or origin.';
    throw new SoriError('invalid_value', message, { param: 'X-Sori-Placement' });
  }
  const preferences = (headers.get('prefer') ?? '').split(',').map((one) => one.trim().toLowerCase());
  const wait = preferences.map((one) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(one)?.[1]).find(Boolean);
  return { forced, respondAsync: preferences.includes('respond-async'), waitMs: Number(wait ?? 0) * 1000 };
}

/**
 * Refuses `X-Sori-Placement: edge` for a model that only origins have.
 * @throws {SoriError} `conflicting_parameters`.
 */
export function refuseEdge({ forced }: Pick<PlacementPreferences, 'forced'>, model: string): void {
  if (forced !== 'edge') return;
  const message = `Model '${model}' runs on an origin: leave X-Sori-Placement out, or use another model.`;
  throw new SoriError('conflicting_parameters', message, { param: 'X-Sori-Placement' });
}

/** The work of a speech request. */
export function workOf(body: SpeechBody, model?: ModelCosts): Work {
  const { input, speed, style, response_format, audio_format } = body;
  const spoken = isSsml(input) ? input.replace(/<[^>]*>/g, ' ') : input;
  const guided = body.embedding_scale !== undefined && body.embedding_scale !== 1;
  const format = response_format === 'json' ? (audio_format ?? 'mp3') : response_format;
  return {
    model,
    characters: spoken.length,
    speed,
    refineSteps: body.refine_steps ?? DEFAULT_STEPS.refine,
    diffusionSteps: body.diffusion_steps ?? DEFAULT_STEPS.style,
    answersPerStep: guided ? 2 : 1,
    referenceSeconds: style?.startsWith('data:') ? secondsOf((style.length * 3) / 4) : 0,
    whole: typeof body.loudness === 'number' || (isTelephony(format) && telephonyLoudnessOf(body) !== null),
  };
}

/** The work of making styles from recordings of this length. */
export function workOfRecordings(seconds: number): Work {
  return {
    characters: 0,
    speed: 1,
    refineSteps: 0,
    diffusionSteps: 0,
    answersPerStep: 1,
    referenceSeconds: seconds,
    whole: false,
  };
}

function secondsOf(bytes: number): number {
  return Math.min(MOST_REFERENCE_SECONDS, Math.max(1, bytes / WAV_BYTES_PER_SECOND));
}

/** A body with at most the steps of `work`. */
export function lightened(body: SpeechBody, work: Work): SpeechBody {
  const full = workOf(body);
  return {
    ...body,
    ...(work.refineSteps < full.refineSteps && { refine_steps: work.refineSteps }),
    ...(work.diffusionSteps < full.diffusionSteps && { diffusion_steps: work.diffusionSteps }),
  };
}

import type { Context } from 'hono';
import { secondsOf } from '../../audio/decoders/kinds.ts';
import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import { isOriginFault } from '../../placement/forward.ts';
import { homeOf, refusalOf, reportPlaced } from '../../placement/placed-header.ts';
import { type Circumstances, place, type Refusal } from '../../placement/policy.ts';
import { circumstancesOf, readPlacementPreferences, refuseEdge, workOfRecordings } from '../speech/index.ts';
import { analyzeAtOrigin } from './analysis-at-origin.ts';
import type { AnalysisContext } from './analysis-context.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { type AnalyzeRecording, analyzeHere, type SentRecording } from './recordings.ts';

/** For `X-Sori-Placed`. */
export type Placed = readonly [where: 'edge' | 'origin', reason: string];

/** Analyzes recordings at a chosen place. */
export interface RecordingAnalysis {
  readonly analyze: AnalyzeRecording;
  /** The place so far and the reason for it. */
  readonly placed: () => Placed;
}

/** Longer recordings are refused. */
const MOST_SECONDS = 60;

/** Makes the context of a request. The analysis is part of the answer, so it cannot become a job. */
export function analysisContextOf(c: Context<AppEnv>): AnalysisContext {
  return {
    caller: c.get('caller').id,
    requestId: c.get('requestId'),
    signal: c.req.raw.signal,
    preferences: { ...readPlacementPreferences(c.req.raw.headers), respondAsync: false },
    keepAlive: (work) => keepAlive(c, work),
  };
}

/** Reports in `X-Sori-Placed` where recordings were analyzed. */
export function reportAnalysisPlace(c: Context<AppEnv>, [where, reason]: Placed): void {
  reportPlaced(c, where, reason);
}

/**
 * Decides where recordings are analyzed: at an origin if there is one, else here if they fit. A model of an origin analyzes them there. Only
 * the analysis is forwarded; the results are stored here.
 * @throws {SoriError} `origin_required`, `origin_unavailable`.
 */
export function placeAnalysis(
  deps: VoiceDependencies,
  model: ModelInfo,
  recordings: readonly SentRecording[],
  context: AnalysisContext,
): RecordingAnalysis {
  const { placement } = deps;
  const here = analyzeHere(deps, model, context.signal);
  if (placement === undefined) return { analyze: here, placed: () => [homeOf(deps), 'only'] };
  const { pool } = placement;
  if (model.servedBy === 'origin' && pool) {
    refuseEdge(context.preferences, model.id);
    return { analyze: analyzeAtOrigin(pool, model, context), placed: () => ['origin', 'model'] };
  }
  const seconds = recordings.reduce(
    (sum, { bytes }) => sum + Math.min(MOST_SECONDS, Math.max(1, secondsOf(bytes))),
    0,
  );
  const work = workOfRecordings(seconds);
  const circumstances = circumstancesOf(context.preferences, placement, pool, false);
  const placed = place(work, circumstances);
  if (placed.where === 'nowhere') {
    throw placed.reason === 'forced' ? refusalOf(placed) : tooLong(placed.code, seconds, circumstances);
  }
  if (placed.where === 'edge' || pool === undefined) {
    return { analyze: here, placed: () => ['edge', placed.reason] };
  }
  let fallen: Placed | undefined;
  const there = analyzeAtOrigin(pool, model, context);
  return {
    placed: () => fallen ?? ['origin', placed.reason],
    async analyze(recording, options) {
      if (fallen !== undefined) return await here(recording, options);
      try {
        return await there(recording, options);
      } catch (error) {
        const fallback = place(work, { ...circumstances, origin: 'down' });
        if (!isOriginFault(error) || fallback.where !== 'edge') throw error;
        fallen = ['edge', fallback.reason];
        return await here(recording, options);
      }
    },
  };
}

/** The error for recordings that are too long, with the actual and the allowed length. */
function tooLong(code: Refusal['code'], seconds: number, circumstances: Circumstances): SoriError {
  let most = Math.floor(seconds);
  while (most > 0 && place(workOfRecordings(most), circumstances).where === 'nowhere') most--;
  const then =
    code === 'origin_required'
      ? 'no origin is configured: send fewer or shorter ones, or configure one (ORIGINS)'
      : 'no origin answers now: send fewer or shorter ones, or try again later';
  const message = `These recordings last ${Math.ceil(seconds)} s together; the edge analyzes ${most} s per request, and ${then}.`;
  return new SoriError(code, message, { param: 'files' });
}

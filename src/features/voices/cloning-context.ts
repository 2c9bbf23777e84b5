import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { logFailure, toSoriError } from '../../http/errors.ts';
import { ofOwner } from '../speech/index.ts';
import { placeAnalysis, type RecordingAnalysis } from './analysis.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { Consents } from './consents.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { SentRecording } from './recordings.ts';
import type { Voices } from './voice-store.ts';

/** The dependencies of cloning, on behalf of an owner. */
export interface CloningContext {
  /** Dependencies on behalf of the owner. */
  readonly deps: VoiceDependencies;
  readonly owner: string;
  readonly voices: Voices;
  readonly consents: Consents;
  readonly signal: AbortSignal;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Called with failures that do not fail the voice. */
  readonly log: (error: unknown) => void;
  /** Chooses where recordings are analyzed. */
  readonly place: (model: ModelInfo, recordings: readonly SentRecording[]) => RecordingAnalysis;
}

/**
 * Makes the cloning context of an owner.
 * @throws {SoriError} `not_configured` without a database.
 */
export function cloningContextOf(
  deps: VoiceDependencies,
  owner: string,
  context: AnalysisContext,
): CloningContext {
  const { voices, database } = deps;
  if (voices === undefined || database === undefined) {
    throw new SoriError(
      'not_configured',
      'This server keeps no voices: its operator has given it no database.',
    );
  }
  const { signal, keepAlive, requestId } = context;
  return {
    deps: ofOwner(deps, owner),
    owner,
    voices,
    consents: new Consents(database),
    signal,
    keepAlive,
    log: (error) => logFailure(requestId, toSoriError(error)),
    place: (model, recordings) => placeAnalysis(deps, model, recordings, context),
  };
}

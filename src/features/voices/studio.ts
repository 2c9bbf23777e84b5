import { SoriError } from '../../base/errors.ts';
import type { AppDependencies } from '../../http/context.ts';
import { logFailure, toSoriError } from '../../http/errors.ts';
import { ofOwner } from '../speech/speak-for-job.ts';
import { type HearingContext, placeHearing } from './analysis.ts';
import type { Studio } from './clone.ts';
import { Consents } from './consents.ts';

/**
 * What cloning works with, in the name of an owner.
 * @throws {SoriError} `not_configured` without a database.
 */
export function studioOf(deps: AppDependencies, owner: string, context: HearingContext): Studio {
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
    place: (model, recordings) => placeHearing(deps, model, recordings, context),
  };
}

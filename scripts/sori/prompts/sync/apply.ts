import { ConnectionError, RequestError } from '../../failures.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Progress } from '../progress.ts';
import { runAll } from '../run-all.ts';
import type { Step } from './plan.ts';

/** A prompt that could not be brought up to date. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** Result of a plan. */
export interface Outcome {
  readonly done: number;
  readonly failures: readonly Failure[];
  /** Steps that were not begun: after an interruption, or a failure that all of them would share. */
  readonly left: number;
}

/** How to apply a plan. */
export interface ApplyOptions {
  /** Requests at a time. */
  readonly concurrency: number;
  readonly progress: Progress;
  /** Begin nothing more; what is under way is finished. */
  readonly signal: AbortSignal;
}

/** Statuses of refusals that every further request would get: no or too little access, no quota left, no catalogue. */
const SHARED_BY_ALL = new Set([401, 403, 501]);

/**
 * Applies the plan to the catalogue. The server saves a prompt only when all of its audio is made, so after an interruption a new plan has
 * the rest.
 */
export async function applySteps(
  catalogue: Catalogue,
  steps: readonly Step[],
  { concurrency, progress, signal }: ApplyOptions,
): Promise<Outcome> {
  const failures: Failure[] = [];
  const hopeless = new AbortController();
  const either = AbortSignal.any([signal, hopeless.signal]);
  let givenUp = 0;
  const begun = await runAll(steps, concurrency, either, async (step) => {
    const error = await applyStep(catalogue, step).catch((cause: Error) => cause);
    // Interrupted in the wait before another attempt.
    if (error?.name === 'AbortError') {
      givenUp += 1;
      return;
    }
    progress.done(step.name, error !== undefined);
    if (!error) return;
    failures.push({ name: step.name, message: error.message });
    if (isSharedByAll(error)) hopeless.abort();
  });
  const tried = begun - givenUp;
  return { done: tried - failures.length, failures, left: steps.length - tried };
}

async function applyStep(catalogue: Catalogue, step: Step): Promise<undefined> {
  if (step.kind === 'removed') {
    await catalogue.delete(step.name, { ifMatch: step.etag });
    return;
  }
  const precondition = step.kind === 'new' ? ({ ifNoneMatch: '*' } as const) : { ifMatch: step.etag };
  try {
    await catalogue.put(step.name, step.definition, precondition);
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 412) throw error;
    // The same sync elsewhere, or this one before its connection broke, may have done it.
    const now = await catalogue.get(step.name);
    if (now.digest === step.digest && !now.stale) return;
    throw new RequestError(
      'was changed by someone else meanwhile and is left as it is; plan again to see how.',
      {
        status: 412,
        code: error.code,
      },
    );
  }
}

function isSharedByAll(error: unknown): boolean {
  // Other prompts may succeed if one takes too long.
  if (error instanceof ConnectionError) return !error.timedOut;
  return (
    error instanceof RequestError && (SHARED_BY_ALL.has(error.status) || error.code === 'insufficient_quota')
  );
}

import { assembledFor } from './edge/assembled.ts';
import { type Env, namesIn } from './edge/env.ts';
import type { JobMessage } from './features/jobs/runner/job-object.ts';
import { ERROR_KINDS, errorBody } from './http/errors.ts';
import { refuseForeign } from './http/local-guard.ts';

export type { Env } from './edge/env.ts';
export { SessionObject } from './edge/session-object.ts';
export { JobObject } from './features/jobs/runner/job-object.ts';

/** The cron trigger of housekeeping; the other one delivers webhooks (wrangler.toml). */
const HOUSEKEEPING_CRON = '17 * * * *';

/** The trigger that `npm start` sends once the Worker runs. The local queue of wrangler loses its messages when it ends. */
const STARTED = '@started';

/** The dead-letter queue (wrangler.toml). */
const DEAD_LETTERS = 'sori-jobs-dead';

/** Access control may be off on this machine only. A deployed Worker with `AUTH = "off"` answers nothing. */
function refusedWithoutKeys(request: Request, env: Env): Response | undefined {
  const guard = { corsOrigins: namesIn(env.CORS_ORIGINS ?? ''), token: env.LOCAL_TOKEN };
  const refusal = refuseForeign(request, guard);
  if (refusal === undefined) return undefined;
  const { status } = ERROR_KINDS[refusal.code];
  return Response.json(errorBody(refusal), { status, headers: { 'Cache-Control': 'no-store' } });
}

export default {
  fetch(request, env, context) {
    const refused = env.AUTH === 'off' ? refusedWithoutKeys(request, env) : undefined;
    if (refused) return refused;
    return assembledFor(env).app.fetch(request, env, context);
  },
  async queue(batch, env) {
    const { jobs } = assembledFor(env);
    await (batch.queue === DEAD_LETTERS ? jobs.bury(batch) : jobs.consume(batch));
  },
  async scheduled({ cron }, env) {
    const { webhooks, housekeeping, jobs } = assembledFor(env);
    if (cron === STARTED) return await jobs.resume();
    await (cron === HOUSEKEEPING_CRON ? housekeeping.run(Date.now()) : webhooks.due());
  },
} satisfies ExportedHandler<Env, JobMessage>;

import { OpenAPIHono } from '@hono/zod-openapi';
import { SoriError } from './errors.ts';
import { requireAccess } from './routes/access.ts';
import { audioRoute } from './routes/audio.ts';
import { clonedVoiceRoutes } from './routes/cloned-voices.ts';
import type { AppDependencies, AppEnv } from './routes/context.ts';
import { limitTime } from './routes/deadline.ts';
import { docsRoute } from './routes/docs.ts';
import { respondError } from './routes/errors.ts';
import { healthRoutes } from './routes/health.ts';
import { jobWebhookRoutes } from './routes/job-webhooks.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyVoiceRoutes } from './routes/key-voices.ts';
import { keyRoutes } from './routes/keys.ts';
import { Metrics, metricsRoute } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { openApiRoute } from './routes/openapi.ts';
import { guardOrigin } from './routes/origin-guard.ts';
import { pageRoute } from './routes/page.ts';
import { respondAsJob } from './routes/placement-async.ts';
import { promptRenderRoute } from './routes/prompt-render.ts';
import { promptRoutes } from './routes/prompts.ts';
import { accountForRequests } from './routes/request-log.ts';
import { guardBrowsers } from './routes/security.ts';
import { signedSpeechRoutes } from './routes/signed-speech.ts';
import { Slots } from './routes/slots.ts';
import { speechRoute } from './routes/speech.ts';
import { styleRoute } from './routes/styles.ts';
import { usageRoute } from './routes/usage.ts';
import { voiceRoutes } from './routes/voices.ts';
import { Voices } from './voices/voices.ts';

const DEFAULT_MAX_SPEECH_REQUESTS = 64;
/** Four times 16 MiB are what an isolate has room for beside its model. */
const DEFAULT_MAX_UPLOADS = 4;

/**
 * Builds the HTTP interface, which is the same on every machine: the Worker mounts it, and so can a Node server.
 *
 * @example
 * ```ts
 * const app = createApp({ access: 'off', engine, createEncoder });
 * export default { fetch: app.fetch };
 * ```
 */
export function createApp(given: AppDependencies): OpenAPIHono<AppEnv> {
  const slots = given.slots ?? new Slots(given.maxSpeechRequests ?? DEFAULT_MAX_SPEECH_REQUESTS);
  const uploads = given.uploads ?? new Slots(given.maxUploads ?? DEFAULT_MAX_UPLOADS, 'uploads');
  const voices = given.voices ?? (given.database && new Voices(given.database));
  const app = new OpenAPIHono<AppEnv>();
  const respondAsync = given.jobs && respondAsJob(app);
  const placement = given.placement && { ...given.placement, respondAsync };
  const deps: AppDependencies = { ...given, slots, uploads, voices, placement };
  const metrics = new Metrics();
  app.use(accountForRequests(deps, metrics));
  app.use(limitTime(deps));
  app.use(guardBrowsers(deps.corsOrigins));
  app.use(guardOrigin(deps.originGuard));
  app.use(requireAccess(deps));
  app.onError(respondError);
  app.notFound((c) => {
    const methods = methodsOf(app, c.req.path);
    if (methods.length > 0) {
      const allow = [...methods, 'OPTIONS'].join(', ');
      c.header('Allow', allow);
      return respondError(new SoriError('method_not_allowed', `This path answers ${allow}.`), c);
    }
    const message = 'There is no such path; GET /openapi.json lists what there is.';
    return respondError(new SoriError('not_found', message), c);
  });

  pageRoute(app);
  speechRoute(app, deps);
  signedSpeechRoutes(app, deps);
  audioRoute(app, deps);
  promptRoutes(app, deps);
  promptRenderRoute(app, deps);
  styleRoute(app, deps, slots);
  voiceRoutes(app, deps);
  clonedVoiceRoutes(app, deps);
  modelRoutes(app, deps);
  jobRoutes(app, deps);
  jobWebhookRoutes(app, deps);
  keyRoutes(app, deps);
  keyVoiceRoutes(app, deps);
  usageRoute(app, deps);
  healthRoutes(app, deps);
  metricsRoute(app, deps, metrics);
  openApiRoute(app);
  docsRoute(app);
  return app;
}

/** Methods that a path answers. */
function methodsOf(app: OpenAPIHono<AppEnv>, path: string): string[] {
  const answered = ['GET', 'POST', 'PUT', 'DELETE'].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  return answered.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
}

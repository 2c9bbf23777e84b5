import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from './base/errors.ts';
import { joinEngines } from './engine/hosted/joint.ts';
import { deepgramErrors, deepgramRoutes } from './features/deepgram/index.ts';
import { audioRoute } from './features/delivery/index.ts';
import { elevenLabsErrors, elevenLabsRoutes } from './features/elevenlabs/index.ts';
import { generationRoute } from './features/generation/index.ts';
import { type JobDependencies, jobRoutes, jobWebhookRoutes } from './features/jobs/index.ts';
import { keyRoutes, requireAccess, usageRoute } from './features/keys/index.ts';
import { kokoroErrors, kokoroRoutes } from './features/kokoro/index.ts';
import { mcpRoute } from './features/mcp/index.ts';
import { modelRoutes } from './features/models/index.ts';
import { healthRoutes, originsRoute } from './features/operations/index.ts';
import { phonemesRoute } from './features/phonemes/index.ts';
import { type PromptDependencies, promptRenderRoute, promptRoutes } from './features/prompts/index.ts';
import { type SessionDependencies, sessionRoutes } from './features/sessions/index.ts';
import { type SingingDependencies, singingRoutes } from './features/singing/index.ts';
import { type SpeakerDependencies, speakerAnalysisRoutes, speakerRoutes } from './features/speakers/index.ts';
import {
  postJob,
  remakeUnstored,
  respondAsJob,
  signedSpeechRoutes,
  speechRoute,
} from './features/speech/index.ts';
import { speechTranslationRoute } from './features/speech-translation/index.ts';
import { pageRoute, type StudioDependencies, shardRoute } from './features/studio/index.ts';
import { transcriptionRoutes } from './features/transcription/index.ts';
import { voiceAgentRoutes } from './features/voice-agents/index.ts';
import {
  clonedVoiceRoutes,
  keyVoiceRoutes,
  styleRoute,
  Voices,
  voiceRoutes,
} from './features/voices/index.ts';
import { type UploadLimits, UploadRoom } from './http/bodies/upload-room.ts';
import type { AppEnv } from './http/context.ts';
import { limitTime } from './http/deadline.ts';
import { docsRoute } from './http/docs/docs.ts';
import { openApiRoute } from './http/docs/openapi.ts';
import { shapeErrors } from './http/error-shapes.ts';
import { respondError } from './http/errors.ts';
import { Metrics, metricsRoute } from './http/metrics.ts';
import { accountForRequests } from './http/request-log.ts';
import { guardBrowsers } from './http/security.ts';
import { Slots } from './http/slots.ts';
import { createCloningEngine } from './placement/cloning/engine.ts';
import { guardOrigin } from './placement/origin-guard.ts';
import { OriginModels } from './placement/origin-models.ts';
import type { OriginPool } from './placement/origin-pool.ts';

const DEFAULT_MAX_SPEECH_REQUESTS = 64;
/** Bytes that fit into an isolate together with its model. */
const DEFAULT_UPLOADS = { uploads: 32, bytes: 24 * 1024 * 1024 } as const;

/** Dependencies of the app, which an entry (Worker, origin, test) provides. */
export interface AppDependencies
  extends JobDependencies,
    PromptDependencies,
    SingingDependencies,
    SessionDependencies,
    SpeakerDependencies,
    Pick<StudioDependencies, 'shards'> {
  /** Speech requests under way at once before the next is refused with `overloaded`; default 64. */
  readonly maxSpeechRequests?: number;
  /** Recordings that are uploaded at once; default 32 with 24 MiB in all. */
  readonly maxUploads?: UploadLimits;
  /** Cloned voices; made here where there is a database. */
  readonly voices?: Voices;
}

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
  const uploads = given.uploads ?? new UploadRoom(given.maxUploads ?? DEFAULT_UPLOADS);
  const voices = given.voices ?? (given.database && new Voices(given.database));
  const app = new OpenAPIHono<AppEnv>();
  const respondAsync = given.jobs && respondAsJob(app);
  const origins = given.placement?.pool && modelsOf(given.placement.pool);
  const placement = given.placement && { ...given.placement, ...origins, respondAsync };
  const engine = origins ? joinEngines(given.engine, origins.cloning) : given.engine;
  const deps: AppDependencies = { ...given, engine, slots, uploads, voices, placement };
  const metrics = new Metrics();
  app.use(accountForRequests(deps, metrics));
  app.use(shapeErrors([elevenLabsErrors, deepgramErrors, kokoroErrors]));
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
      const message = `This path answers ${allow}.${withVersion(app, c)}`;
      return respondError(new SoriError('method_not_allowed', message), c);
    }
    const message = `Unknown path: GET /openapi.json lists all paths.${withVersion(app, c)}`;
    return respondError(new SoriError('not_found', message), c);
  });

  pageRoute(app);
  shardRoute(app, deps);
  speechRoute(app, deps);
  phonemesRoute(app, deps);
  signedSpeechRoutes(app, deps);
  singingRoutes(app, deps);
  audioRoute(app, { ...deps, remake: remakeUnstored(deps) });
  promptRoutes(app, deps);
  promptRenderRoute(app, deps);
  // Before our own lists, whose paths ElevenLabs' clients use too.
  elevenLabsRoutes(app, deps);
  deepgramRoutes(app, deps);
  kokoroRoutes(app, deps);
  voiceAgentRoutes(app, deps);
  sessionRoutes(app, deps);
  mcpRoute(app, deps);
  styleRoute(app, deps, slots);
  voiceRoutes(app, deps);
  clonedVoiceRoutes(app, deps);
  transcriptionRoutes(app, deps);
  speechTranslationRoute(app, deps);
  generationRoute(app, deps, given.jobs && postJob(app));
  speakerRoutes(app, deps);
  speakerAnalysisRoutes(app, deps);
  modelRoutes(app, deps);
  jobRoutes(app, deps);
  jobWebhookRoutes(app, deps);
  keyRoutes(app, deps);
  keyVoiceRoutes(app, deps);
  usageRoute(app, deps);
  healthRoutes(app, deps);
  originsRoute(app, deps);
  metricsRoute(app, { ...deps, origins: () => placement?.pool?.states() ?? [] }, metrics);
  openApiRoute(app);
  docsRoute(app);
  return app;
}

/** The models of an edge's origins. */
function modelsOf(pool: OriginPool) {
  const models = new OriginModels(pool);
  return { models, cloning: createCloningEngine({ pool, models }) };
}

/** A hint for clients whose base address lacks `/v1`. */
function withVersion(app: OpenAPIHono<AppEnv>, { req }: Context<AppEnv>): string {
  const path = `/v1${req.path}`;
  const [first] = app.router.match(req.method, path)[0].filter(([[, route]]) => route.method === req.method);
  return first?.[0][1].path === path ? ` Did you mean ${path}?` : '';
}

/** Methods that a path answers. */
function methodsOf(app: OpenAPIHono<AppEnv>, path: string): string[] {
  const answered = ['GET', 'POST', 'PUT', 'DELETE'].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  return answered.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
}

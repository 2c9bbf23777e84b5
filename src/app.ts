import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { SoriError } from './errors.ts';
import type { AppDependencies, AppEnv } from './routes/context.ts';
import { docsRoute } from './routes/docs.ts';
import { respondError } from './routes/errors.ts';
import { healthRoutes } from './routes/health.ts';
import { keepAlive } from './routes/keep-alive.ts';
import { modelRoutes } from './routes/models.ts';
import { openApiRoute } from './routes/openapi.ts';
import { pageRoute } from './routes/page.ts';
import { Slots } from './routes/slots.ts';
import { speechRoute } from './routes/speech.ts';
import { styleRoute } from './routes/styles.ts';
import { voiceRoutes } from './routes/voices.ts';

const DEFAULT_MAX_SPEECH_REQUESTS = 64;

/**
 * Builds the HTTP interface, which is the same on every machine: the Worker mounts it, and so can a Node server.
 *
 * @example
 * ```ts
 * const app = createApp({ access: 'off', engine, createEncoder });
 * export default { fetch: app.fetch };
 * ```
 */
export function createApp(deps: AppDependencies): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  app.use(requestId({ limitLength: 128 }));
  app.use(
    cors({
      origin: '*',
      allowMethods: ['GET', 'HEAD', 'POST', 'OPTIONS'],
      exposeHeaders: [
        'Content-Disposition',
        'Content-Length',
        'Retry-After',
        'Server-Timing',
        'X-Sori-Model',
        'x-request-id',
      ],
      maxAge: 86_400,
    }),
  );
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = [...methods, 'OPTIONS'].join(', ');
        c.header('Allow', allow);
        return respondError(new SoriError('method_not_allowed', `This path answers ${allow}.`), c);
      },
    }),
  );
  app.use(async (c, next) => {
    const done = next();
    // A load that other requests wait for must not end with the client that happened to start it.
    keepAlive(c, done);
    await done;
    c.header('X-Content-Type-Options', 'nosniff');
  });
  app.onError(respondError);
  app.notFound((c) =>
    respondError(
      new SoriError('not_found', 'There is no such path; GET /openapi.json lists what there is.'),
      c,
    ),
  );

  pageRoute(app);
  const slots = new Slots(deps.maxSpeechRequests ?? DEFAULT_MAX_SPEECH_REQUESTS);
  speechRoute(app, deps, slots);
  styleRoute(app, deps, slots);
  voiceRoutes(app, deps);
  modelRoutes(app, deps);
  healthRoutes(app, deps);
  openApiRoute(app);
  docsRoute(app);
  return app;
}

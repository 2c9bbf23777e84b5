import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CREDENTIALS } from '../../../http/api-key-header.ts';
import type { AppEnv } from '../../../http/context.ts';
import type { SpeechBody } from '../schema.ts';

/** Headers that identify the caller and the job. */
const OF_THE_CALLER = [...CREDENTIALS, 'idempotency-key'];

/** Posts a job to the app's own `POST /v1/jobs` on behalf of a request's caller, and returns its answer. */
export function postJob(app: OpenAPIHono<AppEnv>) {
  return async (c: Context<AppEnv>, job: object): Promise<Response> => {
    const headers = new Headers({ 'Content-Type': 'application/json', 'x-request-id': c.get('requestId') });
    for (const name of OF_THE_CALLER) {
      const value = c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    const request = new Request(new URL('/v1/jobs', c.req.url), {
      method: 'POST',
      headers,
      body: JSON.stringify(job),
      signal: c.req.raw.signal,
    });
    const made = await app.fetch(request, c.env, contextOf(c));
    return new Response(made.body, made);
  };
}

/** Makes a job of a speech request and returns its answer (RFC 7240, section 4.1). */
export function respondAsJob(app: OpenAPIHono<AppEnv>) {
  const post = postJob(app);
  return async (c: Context<AppEnv>, body: SpeechBody): Promise<Response> => {
    const response = await post(c, { kind: 'speech', request: body });
    if (response.ok) {
      response.headers.set('Preference-Applied', 'respond-async');
      response.headers.set('X-Sori-Placed', 'origin; reason=async');
    }
    return response;
  };
}

/** Some platforms have no execution context. */
function contextOf(c: Context<AppEnv>) {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}

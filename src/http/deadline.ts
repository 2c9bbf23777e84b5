import type { MiddlewareHandler } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv, HttpDependencies } from './context.ts';

/**
 * Middleware that aborts requests that take too long, with `deadline_exceeded`. Their signal aborts as it does when a client disconnects.
 * An answer that has begun is broken off only while its audio is still being synthesized; sending finished audio may take longer.
 */
export function limitTime({ requestTimeoutMs }: HttpDependencies): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (requestTimeoutMs === undefined) return await next();
    const deadline = new AbortController();
    const end = () => {
      const message = `This request took longer than the limit of ${requestTimeoutMs / 1000} s. Ask for less at once.`;
      deadline.abort(new SoriError('deadline_exceeded', message));
    };
    const timer = setTimeout(end, requestTimeoutMs);
    const stop = () => clearTimeout(timer);
    c.req.raw = new Request(c.req.raw, { signal: AbortSignal.any([c.req.raw.signal, deadline.signal]) });
    await next();
    const { ended } = c.get('account');
    if (ended === undefined) stop();
    else ended.then(stop, stop);
  };
}

/** Whether the client has disconnected; the end of its request is then no failure. A deadline aborts the same signal with another reason. */
export function clientIsGone({ signal }: Pick<Request, 'signal'>): boolean {
  return signal.aborted && !(signal.reason instanceof SoriError);
}

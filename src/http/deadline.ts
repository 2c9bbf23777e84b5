import type { MiddlewareHandler } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv, HttpDependencies } from './context.ts';

/**
 * Ends requests whose work takes too long, with `deadline_exceeded`: their signal aborts, as it does when a client leaves. An answer that
 * has begun is broken off if its audio is still being made; what only has to be sent may take its time.
 */
export function limitTime({ requestTimeoutMs }: HttpDependencies): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (requestTimeoutMs === undefined) return await next();
    const deadline = new AbortController();
    const end = () => {
      const message = `This request was given ${requestTimeoutMs / 1000} s, and took longer. Ask for less at once.`;
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

/** Has a client gone? Then whatever becomes of its request is no failure. A deadline ends requests by the same signal. */
export function clientIsGone({ signal }: Request): boolean {
  return signal.aborted && !(signal.reason instanceof SoriError);
}

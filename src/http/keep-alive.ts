import type { Context } from 'hono';
import type { AppEnv } from './context.ts';

/**
 * Asks the platform to let `work` come to its end after the client has gone: workerd otherwise drops a request's
 * timers, reads and promises at once, without a `finally`. Other platforms have no such notion and need none.
 */
export function keepAlive(c: Context<AppEnv>, work: Promise<unknown>): void {
  let context: { waitUntil(promise: Promise<unknown>): void };
  try {
    context = c.executionCtx;
  } catch {
    return;
  }
  context.waitUntil(work);
}

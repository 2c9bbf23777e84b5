import type { Context } from 'hono';
import type { AppEnv } from './context.ts';

/**
 * Asks the platform to finish `work` after the client has disconnected. workerd otherwise drops a request's
 * timers, reads and promises at once, without running `finally`. On other platforms this does nothing.
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

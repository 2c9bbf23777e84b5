import type { createApp } from '../../../src/app.ts';
import { contextOf, Drain } from '../../../src/origin/drain.ts';
import { listen } from '../../../src/origin/server.ts';
import { nodeSessions } from '../../../src/origin/sessions.ts';
import { accessApp } from '../apps/access-app.ts';

/** The app over a test engine with keys and sessions of WebSockets, listening on this machine. */
export async function sessionsServer() {
  const drain = new Drain();
  let app: ReturnType<typeof createApp>;
  const made = await accessApp({
    sessions: nodeSessions((request, env) => app.fetch(request, env, contextOf(drain))),
  });
  app = made.app;
  const { server, url } = await listen({ app, drain, host: '127.0.0.1', port: 0 });
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, makeKey: made.makeKey, [Symbol.asyncDispose]: close };
}

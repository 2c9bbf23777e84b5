import { type HttpBindings, upgradeWebSocket } from '@hono/node-server';
import type { Context } from 'hono';
import type { WSContext } from 'hono/ws';
import { SoriError } from '../base/errors.ts';
import { LiveSession, type Opening, type SessionHost } from '../features/sessions/index.ts';
import type { AppEnv } from '../http/context.ts';

/** ms for which a session without a connection is held. */
const HELD_MS = 60_000;
/** Most sessions at once. */
const MOST = 1000;

interface Held {
  readonly live: LiveSession;
  readonly caller: string;
  socket: WSContext | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Answers requests of this server, with the bindings of the connection that they are for. */
type FetchApp = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/**
 * Sessions in this process.
 * @param fetchApp the app, which is made after them.
 */
export function nodeSessions(fetchApp: FetchApp): SessionHost {
  const sessions = new Map<string, Held>();
  const connect = async (c: Context<AppEnv>, id: string, held: Held, begin: () => void) => {
    const upgrade = upgradeWebSocket(() => ({
      onOpen: (_, socket) => {
        held.socket?.close(4000, 'The session was continued on another connection.');
        clearTimeout(held.timer);
        held.socket = socket;
        begin();
      },
      onMessage: ({ data }) => {
        if (typeof data === 'string' || data instanceof ArrayBuffer) held.live.receive(data);
      },
      onClose: (_, socket) => {
        if (held.socket?.raw !== socket.raw) return;
        held.socket = undefined;
        held.live.session.pause();
        held.timer = setTimeout(() => sessions.delete(id), HELD_MS);
        held.timer.unref();
      },
    }));
    const answer = await upgrade(c, async () => {});
    if (answer instanceof Response) return answer;
    throw new SoriError('not_configured', 'This server has no WebSockets.');
  };
  return {
    open: async (c, asked) => {
      if (sessions.size >= MOST)
        throw new SoriError('overloaded', `This server holds ${MOST} sessions at most.`);
      const id = crypto.randomUUID();
      const opening: Opening = { ...asked, id };
      const env = c.env as HttpBindings;
      const held: Held = {
        caller: opening.caller,
        socket: undefined,
        timer: undefined,
        live: new LiveSession({
          opening,
          fetch: (request) => fetchApp(request, env),
          send: (message) => {
            if (typeof message === 'string' || message instanceof Uint8Array) held.socket?.send(message);
            else held.socket?.close(1000, 'done');
          },
        }),
      };
      sessions.set(id, held);
      return await connect(c, id, held, () => held.live.greet());
    },
    comeBack: async (c, { id, caller, after }) => {
      const held = sessions.get(id);
      if (held?.caller !== caller) {
        throw new SoriError('not_found', 'There is no such session, or it has ended.', { param: 'session' });
      }
      return await connect(c, id, held, () => held.live.comeBack(after));
    },
  };
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { apiKeyOf } from '../../http/api-key-header.ts';
import type { AppEnv } from '../../http/context.ts';
import { honoPath } from '../../http/hono-path.ts';
import { sessionDocs } from './docs.ts';
import type { Opening } from './live.ts';
import type { ProtocolName } from './protocols/index.ts';

/** Holds sessions and their connections. */
export interface SessionHost {
  /** Opens a new session and answers with its WebSocket. */
  readonly open: (c: Context<AppEnv>, opening: Omit<Opening, 'id'>) => Promise<Response>;
  /**
   * Connects to a session that lost its connection.
   * @throws {SoriError} `not_found`.
   */
  readonly comeBack: (
    c: Context<AppEnv>,
    session: { readonly id: string; readonly caller: string; readonly after: number },
  ) => Promise<Response>;
}

/** Dependencies of the routes of sessions. */
export interface SessionDependencies {
  /** Absent where no WebSockets are served. */
  readonly sessions?: SessionHost;
}

/** Headers by which the requests of a session have the address of its client. */
const OF_THE_ADDRESS = ['cf-connecting-ip', 'x-forwarded-for'];

/** Adds the WebSockets: our own, and those of ElevenLabs, Deepgram and jambonz. */
export function sessionRoutes(app: OpenAPIHono<AppEnv>, { sessions }: SessionDependencies): void {
  const socket = (protocol: ProtocolName) => async (c: Context<AppEnv>) => {
    const { headers } = c.req.raw;
    if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      throw new SoriError('invalid_value', 'This path is a WebSocket: connect with ws:// or wss://.');
    }
    if (sessions === undefined) throw new SoriError('not_configured', 'This server has no WebSockets.');
    const url = new URL(c.req.url);
    const caller = c.get('caller').id;
    const id = protocol === 'sori' ? url.searchParams.get('session') : null;
    if (id !== null) {
      const after = Number(url.searchParams.get('after') ?? 0);
      if (Number.isSafeInteger(after) && after >= 0) return await sessions.comeBack(c, { id, caller, after });
      throw new SoriError('invalid_value', 'after must be the number of an event.', { param: 'after' });
    }
    const key = apiKeyOf(headers);
    const passed = OF_THE_ADDRESS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return await sessions.open(c, {
      protocol,
      url: url.href,
      requestId: c.get('requestId'),
      caller,
      headers: {
        ...Object.fromEntries(passed),
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      },
    });
  };
  for (const [protocol, docs] of Object.entries(sessionDocs) as [
    ProtocolName,
    (typeof sessionDocs)['sori'],
  ][]) {
    app.openAPIRegistry.registerPath(docs);
    app.get(honoPath(docs.path), socket(protocol));
  }
}

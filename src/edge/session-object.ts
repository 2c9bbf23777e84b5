import { DurableObject } from 'cloudflare:workers';
import { LiveSession, type Opening, type Outgoing, type SessionState } from '../features/sessions/index.ts';
import { assembledFor } from './assembled.ts';
import type { Env } from './env.ts';
import { OPENING_HEADER } from './sessions.ts';

/** ms for which a session without a connection is held. */
const HELD_MS = 60_000;

/** Details of a connection that the Worker passes on. */
interface About {
  readonly opening?: Opening;
  readonly back?: { readonly caller: string; readonly after: number };
}

/**
 * A Durable Object with one session and its WebSocket. While nothing is spoken it hibernates, and the connection stays; the next message
 * restores the session from storage.
 */
export class SessionObject extends DurableObject<Env> {
  #live: LiveSession | undefined;

  override async fetch(request: Request): Promise<Response> {
    const about: About = JSON.parse(decodeURIComponent(request.headers.get(OPENING_HEADER) ?? '{}'));
    const opening = about.opening ?? (await this.ctx.storage.get<Opening>('opening'));
    if (opening === undefined) return new Response(null, { status: 404 });
    if (about.back && about.back.caller !== opening.caller) return new Response(null, { status: 404 });
    const { 0: client, 1: server } = new WebSocketPair();
    for (const old of this.ctx.getWebSockets())
      old.close(4000, 'The session was continued on another connection.');
    this.ctx.acceptWebSocket(server);
    await this.ctx.storage.deleteAlarm();
    if (about.opening) {
      await this.ctx.storage.put('opening', opening);
      (await this.#load(opening)).greet();
    } else {
      (await this.#load(opening)).comeBack(about.back?.after ?? 0);
    }
    this.ctx.waitUntil(this.#rest());
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const opening = await this.ctx.storage.get<Opening>('opening');
    if (opening === undefined) return;
    (await this.#load(opening)).receive(message);
    await this.#rest();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (this.ctx.getWebSockets().some((other) => other !== socket)) return;
    this.#live?.session.pause();
    await this.#rest();
    await this.ctx.storage.setAlarm(Date.now() + HELD_MS);
  }

  override async alarm(): Promise<void> {
    if (this.ctx.getWebSockets().length > 0) return;
    this.#live = undefined;
    await this.ctx.storage.deleteAll();
  }

  async #load(opening: Opening): Promise<LiveSession> {
    if (this.#live) return this.#live;
    const state = await this.ctx.storage.get<SessionState>('state');
    // Another message may have made it meanwhile.
    this.#live ??= new LiveSession({
      opening,
      state,
      fetch: async (request) => await assembledFor(this.env).app.fetch(request, this.env, this.#context()),
      send: (message) => this.#send(message),
    });
    return this.#live;
  }

  /** Waits until nothing is spoken, and stores the session, since the object may hibernate then. */
  async #rest(): Promise<void> {
    const live = this.#live;
    if (live === undefined) return;
    await live.session.idle();
    await this.ctx.storage.put('state', live.session.state);
  }

  #send(message: Outgoing): void {
    for (const socket of this.ctx.getWebSockets()) {
      if (socket.readyState !== WebSocket.READY_STATE_OPEN) continue;
      if (typeof message === 'string' || message instanceof Uint8Array) socket.send(message);
      else socket.close(1000, 'done');
    }
  }

  #context(): ExecutionContext {
    const waitUntil = (work: Promise<unknown>) => this.ctx.waitUntil(work);
    return { waitUntil, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  }
}

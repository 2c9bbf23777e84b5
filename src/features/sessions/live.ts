import { SoriError } from '../../base/errors.ts';
import { PROTOCOLS, type ProtocolName } from './protocols/index.ts';
import type { Opened, Outgoing } from './protocols/protocol.ts';
import { Session, type SessionState } from './session.ts';

/** Longest message of a client, in characters. */
export const LONGEST_MESSAGE = 64 * 1024;

/** How a session was opened. JSON. */
export interface Opening {
  readonly id: string;
  readonly protocol: ProtocolName;
  /** The address that was opened, with its query. */
  readonly url: string;
  readonly requestId: string;
  /** Id of the API key; only the same one may come back. */
  readonly caller: string;
  /** Headers of the requests that speak for it: its key and its address. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Options of {@link LiveSession}. */
export interface LiveOptions {
  readonly opening: Opening;
  readonly state?: SessionState;
  /** Answers requests of this server. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Sends to the connection, if there is one. */
  readonly send: (message: Outgoing) => void;
}

/** A session, its protocol and its connection. */
export class LiveSession {
  readonly session: Session;
  readonly #options: LiveOptions;
  readonly #opened: Opened;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { opening, state, fetch, send } = options;
    const protocol = PROTOCOLS[opening.protocol];
    const fields = protocol.fieldsOf(new URL(opening.url));
    this.#opened = { session: opening.id, requestId: opening.requestId, fields };
    this.session = new Session({
      state,
      withWords: protocol.withWords,
      ask: async (body, signal) => await fetch(requestOf(opening, body, signal)),
      onEvent: (event) => {
        for (const message of protocol.write(event, this.#opened)) send(message);
      },
    });
    if (state === undefined) this.session.follow({ do: 'configure', fields });
  }

  /** Greets a new connection. */
  greet(): void {
    const { opening, send } = this.#options;
    for (const message of PROTOCOLS[opening.protocol].greet(this.#opened)) send(message);
  }

  /** Follows a message of the client. */
  receive(message: string | ArrayBuffer): void {
    const { opening } = this.#options;
    try {
      for (const command of PROTOCOLS[opening.protocol].read(parsed(message))) this.session.follow(command);
    } catch (error) {
      this.session.fail(error);
    }
  }

  /**
   * Sends a client that reconnects the events that it has missed.
   * @param after number of the last event that it has.
   */
  comeBack(after: number): void {
    const { opening, send } = this.#options;
    this.greet();
    const missed = this.session.after(after);
    if (missed === undefined) {
      const message = `Events after ${after} are no longer stored. The session continues with the next text.`;
      this.session.fail(new SoriError('out_of_range', message, { param: 'after' }));
    }
    for (const event of missed ?? [])
      for (const out of PROTOCOLS[opening.protocol].write(event, this.#opened)) send(out);
    this.session.resume();
  }
}

function parsed(message: string | ArrayBuffer): unknown {
  const text = typeof message === 'string' ? message : new TextDecoder().decode(message);
  if (text.length > LONGEST_MESSAGE)
    throw new SoriError('body_too_large', `A message has at most ${LONGEST_MESSAGE} characters.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SoriError('invalid_json', 'A message must be a JSON object.', { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SoriError('invalid_type', 'A message must be a JSON object.');
}

function requestOf({ url, headers }: Opening, body: object, signal: AbortSignal): Request {
  return new Request(new URL('/v1/audio/speech', url), {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

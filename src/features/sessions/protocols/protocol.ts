import type { NumberedEvent, SessionCommand } from '../events.ts';

/** First message of the server on a connection. */
export interface Opened {
  readonly session: string;
  readonly requestId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A language of messages over a WebSocket. It holds no state, so that it survives hibernation. */
export interface Protocol {
  /** Whether it sends word timings. */
  readonly withWords: boolean;
  /** Speech fields of the address that was opened. */
  readonly fieldsOf: (url: URL) => Record<string, unknown>;
  /** Messages for a connection that opens. */
  readonly greet: (opened: Opened) => readonly Outgoing[];
  /**
   * Reads a message.
   * @throws {SoriError} for what it does not understand.
   */
  readonly read: (message: unknown) => readonly SessionCommand[];
  readonly write: (event: NumberedEvent, opened: Opened) => readonly Outgoing[];
}

/** A text message, a binary one, or the end of the connection. */
export type Outgoing = string | Uint8Array<ArrayBuffer> | { readonly close: true };

/** A message as JSON. */
export const json = (value: object): string => JSON.stringify(value);

/** Base64 as bytes. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

import type { ErrorBody } from '../../http/errors.ts';
import type { Cue } from '../../synthesis/alignment.ts';

/** Events of a session, in the order in which they happen. */
export type SessionEvent =
  /** Base64 audio. */
  | { readonly type: 'audio'; readonly audio: string }
  /** Words whose audio has been sent. Times count from the first audio of the session, spans from its first character. */
  | { readonly type: 'words'; readonly text: string; readonly words: readonly Cue[] }
  /** All text before a flush has been spoken. */
  | { readonly type: 'flushed' }
  /** Running and waiting text is dropped. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'error'; readonly error: ErrorBody['error'] }
  /** All text has been spoken and no more is taken. */
  | { readonly type: 'done' };

/** An event with its number in the session, from 1. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: SessionEvent;
}

/** Requests of a client to a session. */
export type SessionCommand =
  | { readonly do: 'configure'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly do: 'text'; readonly text: string }
  | { readonly do: 'flush' }
  | { readonly do: 'cancel' }
  | { readonly do: 'end' };

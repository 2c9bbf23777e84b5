import type { RequestIdVariables } from 'hono/request-id';
import type { AudioEncoder, AudioFormatId, EncoderOptions } from '../audio/format.ts';
import type { SpeechEngine } from '../engine/engine.ts';

/** What an entry (Worker, origin, test) must bring for the app to run. */
export interface AppDependencies {
  readonly engine: SpeechEngine;
  /** Makes an encoder; may have to load a codec first. */
  readonly createEncoder: (
    format: AudioFormatId,
    options: EncoderOptions,
  ) => AudioEncoder | Promise<AudioEncoder>;
  /** May styles be made of recordings? Only of voices whose owners consent; default no. */
  readonly referenceStyles?: boolean;
  /** Speech requests under way at once before the next is refused with `overloaded`; default 64. */
  readonly maxSpeechRequests?: number;
  /** Milliseconds that a client may leave audio unread before it is taken for gone; default 60,000. */
  readonly stallMs?: number;
}

/** Hono's environment of this app. */
export interface AppEnv {
  Variables: RequestIdVariables;
}

import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import type { AppEnv } from '../../http/context.ts';
import type { EdgeCache } from '../../library/edge-cache.ts';
import type { AudioLibrary } from '../../library/library.ts';
import type { PlacementDependencies } from '../../placement/dependencies.ts';

/** Assignment of stored audio to cloned voices. */
export interface ClonedVoiceAudio {
  /** Records that audio was made with these voices, so that it is removed with them. */
  track(voices: readonly string[], key: string): Promise<void>;
  /** Whether all of these voices still exist, with this audio recorded for them. */
  isTracked(voices: readonly string[], key: string): Promise<boolean>;
  /** Whether this owner has all of these voices. */
  exist(voices: readonly string[], owner: string): Promise<boolean>;
}

/** Dependencies of the delivery of stored audio. */
export interface DeliveryDependencies extends PlacementDependencies {
  /** Stores finished audio. Without it all speech is synthesized for each request and has no URL. */
  readonly library?: AudioLibrary;
  /** The cache in front of the audio. */
  readonly edgeCache?: EdgeCache;
  /** The cloned voices; `undefined` without a database. */
  readonly voices?: ClonedVoiceAudio;
  /** Answers with audio that is not stored, where it can be made again; `undefined` where it can't. Set by `createApp`. */
  readonly remake?: (c: Context<AppEnv>, key: string, format: AudioFormatId) => Promise<Response | undefined>;
  /** Milliseconds that a client may leave audio unread before its answer is aborted; default 60,000. */
  readonly stallMs?: number;
}

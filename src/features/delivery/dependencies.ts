import type { EdgeCache } from '../../library/edge-cache.ts';
import type { AudioLibrary } from '../../library/library.ts';
import type { PlacementDependencies } from '../../placement/dependencies.ts';

/** Which stored audio belongs to which cloned voices. */
export interface ClonedVoiceAudio {
  /** Records that audio was made with these voices, so that it is removed with them. */
  track(voices: readonly string[], key: string): Promise<void>;
  /** Do all of these voices still exist, with this audio recorded for them? */
  isTracked(voices: readonly string[], key: string): Promise<boolean>;
}

/** What the delivery of stored audio needs. */
export interface DeliveryDependencies extends PlacementDependencies {
  /** Stores finished audio. Without it all speech is synthesized for each request and has no URL. */
  readonly library?: AudioLibrary;
  /** The cache in front of the audio. */
  readonly edgeCache?: EdgeCache;
  /** The cloned voices; `undefined` without a database. */
  readonly voices?: ClonedVoiceAudio;
  /** Milliseconds that a client may leave audio unread before its answer is aborted; default 60,000. */
  readonly stallMs?: number;
}

import type { Context } from 'hono';
import type { AudioEncoder, AudioFormatId, EncoderOptions } from '../../audio/format.ts';
import type { Database } from '../../database/database.ts';
import type { SpeechEngine } from '../../engine/engine.ts';
import type { AppEnv } from '../../http/context.ts';
import type { SigningKeys } from '../../http/signed-url.ts';
import type { Slots } from '../../http/slots.ts';
import type { PlacementDependencies } from '../../placement/dependencies.ts';
import type { ClonedVoiceAudio, DeliveryDependencies } from '../delivery/index.ts';
import type { KeyAccessControl } from '../keys/index.ts';
import type { SpeechBody } from './schema.ts';

/** A stored cloned voice, as far as speech needs it. */
export interface ClonedVoiceRecord {
  readonly id: string;
  /** The model that its style belongs to. */
  readonly model: string;
  /** BCP 47. */
  readonly language: string;
  /** A style id (`encodeStyleId`). */
  readonly style: string;
}

/** Finds cloned voices. */
export interface ClonedVoiceStore extends ClonedVoiceAudio {
  /** Finds a voice by its owner, which is the id of an API key. */
  find(id: string, owner: string): Promise<ClonedVoiceRecord | undefined>;
}

/** Hands speech to origins, or makes a job of it. */
export type EdgePlacement = NonNullable<PlacementDependencies['placement']> & {
  /** Makes a job of a speech request and answers with it. */
  readonly respondAsync?: (c: Context<AppEnv>, body: SpeechBody) => Promise<Response>;
};

/** Dependencies of speech synthesis. */
export interface SpeechDependencies extends DeliveryDependencies {
  readonly access: KeyAccessControl | 'off';
  readonly engine: SpeechEngine;
  /** Makes an encoder; may have to load a codec first. */
  readonly createEncoder: (
    format: AudioFormatId,
    options: EncoderOptions,
  ) => AudioEncoder | Promise<AudioEncoder>;
  /** Stores prompts, voices, keys and usage. */
  readonly database?: Database;
  /** Secrets of signed URLs. */
  readonly signingKeys?: SigningKeys;
  /** Limits speech requests under way at once; made by `createApp`. */
  readonly slots?: Slots;
  /** Allows styles made of recordings, which needs the consent of their speakers; default no. */
  readonly referenceStyles?: boolean;
  readonly voices?: ClonedVoiceStore;
  /** Id of the API key on whose behalf work is done: it may use its own cloned voices. Routes set it by `onBehalf`. */
  readonly owner?: string;
  /** Style ids of the caller's cloned voices by their ids, which an edge has sent with its request; an origin stores no voices of an edge. */
  readonly sentClones?: Readonly<Record<string, string>>;
  readonly placement?: EdgePlacement;
}

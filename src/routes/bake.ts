import type { AudioFormatId } from '../audio/format.ts';
import type { AudioMeta } from '../delivery/store.ts';
import type { ModelInfo, SpeechRequest } from '../engine/engine.ts';
import type { AppDependencies } from './context.ts';
import type { SpeechBody } from './speech-schema.ts';

/** Speech that is understood, and so has its place in the library. */
export interface AddressedSpeech {
  /** Cache key: 64 hex digits. */
  readonly key: string;
  readonly model: ModelInfo;
  readonly request: SpeechRequest;
  readonly body: SpeechBody;
}

/** Speech in the library. */
export interface BakedSpeech {
  readonly key: string;
  readonly meta: AudioMeta;
  readonly cache: 'hit' | 'miss' | 'coalesced';
}

/** Told before speech is synthesized, with the characters that it will cost; throwing refuses it. */
export type BeforeSynthesis = (characters: number) => Promise<void>;

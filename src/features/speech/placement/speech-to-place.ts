import type { AudioFormatId } from '../../../audio/format.ts';
import type { AddressedSpeech } from '../address.ts';
import type { SpeechBody } from '../schema.ts';

/** A speech request whose place, edge or origin, is to be decided. */
export interface SpeechToPlace {
  readonly body: SpeechBody;
  /** Its address in the library; unknown for a recording that has no style yet. */
  readonly speech?: AddressedSpeech;
  readonly format: AudioFormatId;
  /** Whether to synthesize again, without storing. */
  readonly bypass: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds that an origin has for its first byte; default: by the work. */
  readonly answerMs?: number;
  /** Call it once when nothing more is needed. */
  readonly end: () => void;
}

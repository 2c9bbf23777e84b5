import type { AudioFormatId } from '../../../audio/format.ts';
import type { AddressedSpeech } from '../address.ts';
import type { SpeechBody } from '../schema.ts';

/** A speech request whose place, edge or origin, is to be decided. */
export interface SpeechToPlace {
  readonly body: SpeechBody;
  /** Where it would be kept; not known of a recording, whose style isn't made yet. */
  readonly speech?: AddressedSpeech;
  readonly format: AudioFormatId;
  /** Must it be made anew, whatever is kept, and be kept nowhere? */
  readonly bypass: boolean;
  readonly signal: AbortSignal;
  /** To be called once nothing more is needed. */
  readonly end: () => void;
}

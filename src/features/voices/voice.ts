/** How a speaker's consent was given. */
export interface ConsentRecord {
  /** `recording`: the speaker read a sentence aloud. `statement`: somebody signed a statement. */
  readonly kind: 'recording' | 'statement';
  /** The sentence or the statement. */
  readonly text: string;
  /** The person who made the statement. */
  readonly signedBy?: string;
  /** Hex SHA-256 of the consent recording, and its similarity to the voice. */
  readonly sha256?: string;
  readonly score?: number;
  /** Whether a recognizer has checked the words of the sentence. Absent in voices of older versions. */
  readonly wordsChecked?: boolean;
}

/** The provenance of a voice. */
export interface Provenance {
  /** The recordings it was made from. */
  readonly recordings: readonly RecordingRecord[];
  readonly consent: ConsentRecord;
  /** Id of the API key that made it. */
  readonly key: string;
}

/** The record of a recording. */
export interface RecordingRecord {
  /** Hex SHA-256 of the file. */
  readonly sha256: string;
  readonly seconds: number;
  /** Key of the stored audio, if it was kept. */
  readonly kept?: string;
}

/** A voice cloned from recordings. */
export interface ClonedVoice {
  /** `vce_` and 26 letters and digits. */
  readonly id: string;
  /** Id of the API key that owns it; other keys cannot see it. */
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly model: string;
  /** BCP 47. */
  readonly language: string;
  /** A style id (`encodeStyleId`). */
  readonly style: string;
  readonly provenance: Provenance;
  /** Key of the preview audio. */
  readonly preview: string | null;
  readonly created: Date;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Makes a random id of 130 bits in Crockford's base 32. */
export function randomId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(26));
  return prefix + Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('');
}

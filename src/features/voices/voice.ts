/** How a speaker's consent was given. */
export interface ConsentRecord {
  /** `recording`: the speaker read a sentence aloud. `statement`: somebody vouches for it. */
  readonly kind: 'recording' | 'statement';
  /** The sentence that was shown, or the statement. */
  readonly text: string;
  /** Of a statement: who made it. */
  readonly signedBy?: string;
  /** Of a recording: hex SHA-256 of its file, and how alike the voice in it is to that of the samples. */
  readonly sha256?: string;
  readonly score?: number;
}

/** Where a voice comes from. */
export interface Provenance {
  /** The recordings that it was made of. */
  readonly recordings: readonly RecordingRecord[];
  readonly consent: ConsentRecord;
  /** Id of the API key that made it. */
  readonly key: string;
}

/** What is remembered of a recording. */
export interface RecordingRecord {
  /** Hex SHA-256 of the file. */
  readonly sha256: string;
  readonly seconds: number;
  /** Key of the audio, where it was kept. */
  readonly kept?: string;
}

/** A voice that was cloned of recordings. */
export interface ClonedVoice {
  /** `vce_` and 26 letters and digits. */
  readonly id: string;
  /** Id of the API key whose it is; to all others it is not there. */
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly model: string;
  /** BCP 47. */
  readonly language: string;
  /** A style id (`encodeStyleId`). */
  readonly style: string;
  readonly provenance: Provenance;
  /** Key of the audio that shows it. */
  readonly preview: string | null;
  readonly created: Date;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** An id that nobody guesses: 130 random bits, in the 32 letters and digits that are hard to mistake. */
export function randomId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(26));
  return prefix + Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('');
}

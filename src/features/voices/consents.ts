import { SoriError } from '../../base/errors.ts';
import type { Database, Statement } from '../../database/database.ts';
import { randomId } from './voice.ts';

/** Accepted forms of consent: a recording of a sentence, a signed statement, or both. */
export const VOICE_CONSENTS = ['recording', 'statement', 'both'] as const;

/** One of {@link VOICE_CONSENTS}. */
export type VoiceConsent = (typeof VOICE_CONSENTS)[number];

/**
 * Parses the variable VOICE_CONSENT.
 * @throws {SoriError} `not_configured` for any other value, because a typing error must not weaken the consent.
 */
export function parseVoiceConsent(text = 'recording'): VoiceConsent {
  const known = VOICE_CONSENTS.find((consent) => consent === text);
  if (known !== undefined) return known;
  throw new SoriError('not_configured', `VOICE_CONSENT must be one of: ${VOICE_CONSENTS.join(', ')}.`);
}

/** Lifetime of a sentence in ms. */
export const CONSENT_MS = 30 * 60_000;

/** Purpose of a consent: cloning the voice, or recognizing the speaker. */
export type ConsentPurpose = 'clone' | 'recognise';

/** The sentence before the code, and the route that returns it. */
const PURPOSES: Readonly<Record<ConsentPurpose, { readonly text: string; readonly route: string }>> = {
  clone: { text: 'a computer makes a copy of my voice', route: 'POST /v1/voices/consent' },
  recognise: { text: 'a computer recognises me by my voice', route: 'POST /v1/speakers/consent' },
};

/** The route that gives a sentence for a purpose. */
export const consentRoute = (purpose: ConsentPurpose): string => PURPOSES[purpose].route;

/** The claim of a consent. */
export interface ConsentClaim {
  readonly id: string;
  readonly owner: string;
}

/** A sentence for a speaker to read aloud. */
export interface ConsentSentence {
  readonly id: string;
  readonly sentence: string;
  readonly expires: Date;
}

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const CODE_DIGITS = 6;

/** Consent sentences that speakers read aloud. Each is valid once, for a short time, for the key that requested it. */
export class Consents {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** Makes a sentence with a unique code. */
  async create(owner: string, purpose: ConsentPurpose = 'clone'): Promise<ConsentSentence> {
    const now = this.#now();
    const id = randomId('cns_');
    const code = Array.from(crypto.getRandomValues(new Uint8Array(CODE_DIGITS)), (byte) => DIGITS[byte % 10]);
    const sentence = `I am the speaker of these recordings, and I agree that ${PURPOSES[purpose].text}. My code is ${code.join(', ')}.`;
    const expires = now + CONSENT_MS;
    // Remove old sentences when a new one is made.
    await this.#database.batch([
      { sql: 'DELETE FROM voice_consents WHERE owner = ? AND expires_at <= ?', values: [owner, now] },
      {
        sql: 'INSERT INTO voice_consents (id, owner, sentence, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        values: [id, owner, sentence, purpose, now, expires],
      },
    ]);
    return { id, sentence, expires: new Date(expires) };
  }

  /**
   * Finds the sentence of a valid consent.
   * @throws {SoriError} `invalid_consent` for an unknown, foreign, used or expired consent, or one for another purpose.
   */
  async find({ id, owner }: ConsentClaim, purpose: ConsentPurpose = 'clone'): Promise<string> {
    const sql = `SELECT sentence FROM voice_consents
      WHERE id = ? AND owner = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?`;
    const values = [id, owner, purpose, this.#now()];
    const { rows } = await this.#database.run<{ sentence: string }>(sql, ...values);
    if (rows.length > 0) return rows[0].sentence;
    const message = `There is no such consent, or it was used, or it has expired: ${consentRoute(purpose)} gives another sentence to read.`;
    throw new SoriError('invalid_consent', message, { param: 'consent' });
  }

  /**
   * Reserves a consent for a voice job: it cannot be used otherwise and does not expire while the job waits.
   * @returns its sentence.
   * @throws {SoriError} `invalid_consent`, as {@link find}.
   */
  async reserve(claim: ConsentClaim): Promise<string> {
    const sentence = await this.find(claim);
    const sql = 'UPDATE voice_consents SET used_at = ? WHERE id = ? AND owner = ? AND used_at IS NULL';
    const { changes } = await this.#database.run(sql, this.#now(), claim.id, claim.owner);
    // Only one of two concurrent reservations succeeds.
    return changes > 0 ? sentence : await this.find(claim);
  }

  /** Releases a reservation of {@link reserve} without a job. */
  async release({ id, owner }: ConsentClaim): Promise<void> {
    await this.#database.run(
      'UPDATE voice_consents SET used_at = NULL WHERE id = ? AND owner = ?',
      id,
      owner,
    );
  }

  /** Uses up a consent without a voice, after a reading by another speaker. */
  async burn({ id, owner }: ConsentClaim): Promise<void> {
    const sql = 'UPDATE voice_consents SET used_at = ? WHERE id = ? AND owner = ? AND used_at IS NULL';
    await this.#database.run(sql, this.#now(), id, owner);
  }
}

/** SQL that marks a consent as used, in the transaction that stores its voice, so that it can be used only once. */
export interface ConsentUse {
  /** Holds while the consent is valid; for the `WHERE` of the insertion. */
  readonly condition: string;
  readonly values: readonly (string | number)[];
  /** Runs after the insertion. */
  readonly use: Statement;
}

/**
 * Makes the SQL for one row.
 * @param id of the row.
 * @param now ms since the epoch.
 */
export function consentUse(
  { id: consent, owner }: ConsentClaim,
  table: 'voices' | 'speakers',
  id: string,
  now: number,
): ConsentUse {
  return {
    condition:
      'EXISTS (SELECT 1 FROM voice_consents WHERE id = ? AND owner = ? AND used_at IS NULL AND expires_at > ?)',
    values: [consent, owner, now],
    use: {
      sql: `UPDATE voice_consents SET used_at = ? WHERE id = ? AND owner = ? AND used_at IS NULL
        AND EXISTS (SELECT 1 FROM ${table} WHERE id = ?)`,
      values: [now, consent, owner, id],
    },
  };
}

/** The error for a consent that another request has used meanwhile. */
export function consentUsed(purpose: ConsentPurpose): SoriError {
  const message = `This consent was used or has expired. Get another one from ${consentRoute(purpose)}.`;
  return new SoriError('invalid_consent', message, { param: 'consent' });
}

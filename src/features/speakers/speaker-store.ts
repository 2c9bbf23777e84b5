import { SoriError } from '../../base/errors.ts';
import type { Database, SqlRow, Statement } from '../../database/database.ts';
import { type ConsentClaim, type ConsentRecord, consentUse, consentUsed, randomId } from '../voices/index.ts';

/** Most enrolled speakers of a key. */
export const MAX_SPEAKERS = 1000;

/** Whether the owner may enrol another speaker. */
const ROOM = `(SELECT count(*) FROM speakers WHERE owner = ?) < ${MAX_SPEAKERS}`;

/** A speaker that was enrolled. */
export interface Speaker {
  /** `spk_` and 26 letters and digits. */
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  /** What made the vector. */
  readonly model: string;
  /** As its model writes it. */
  readonly vector: string;
  /** Length of the recordings. */
  readonly seconds: number;
  readonly consent: ConsentRecord;
  readonly created: Date;
}

interface SpeakerRow extends SqlRow {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly model: string;
  readonly vector: string;
  readonly seconds: number;
  readonly consent: string;
  readonly created_at: number;
}

/** Stores enrolled speakers; only their owner can read them. */
export class Speakers {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch; default: the clock. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Stores a speaker. A claimed consent is used up in the same transaction.
   * @throws {SoriError} `invalid_value` when the owner has the maximum number of speakers; `invalid_consent` when the consent was used or has
   * expired.
   */
  async create(given: Omit<Speaker, 'id' | 'created'>, claim?: ConsentClaim): Promise<Speaker> {
    const now = this.#now();
    const made: Speaker = { ...given, id: randomId('spk_'), created: new Date(now) };
    const { id, owner, name, model, vector, seconds } = made;
    const values = [id, owner, name, model, vector, seconds, JSON.stringify(made.consent), now];
    const consent = claim && consentUse(claim, 'speakers', id, now);
    const insert: Statement = {
      sql: `INSERT INTO speakers (id, owner, name, model, vector, seconds, consent, created_at)
        SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE ${ROOM}${consent ? ` AND ${consent.condition}` : ''}`,
      values: [...values, owner, ...(consent?.values ?? [])],
    };
    const [{ changes }] = await this.#database.batch(consent ? [insert, consent.use] : [insert]);
    if (changes > 0) return made;
    const { rows } = await this.#database.run(`SELECT 1 WHERE ${ROOM}`, owner);
    if (rows.length > 0) throw consentUsed('recognise');
    throw new SoriError('invalid_value', `A key may enrol ${MAX_SPEAKERS} speakers; delete some first.`);
  }

  /** Speakers of an owner, the oldest first; of one model or of all. */
  async list(owner: string, model?: string): Promise<Speaker[]> {
    const { rows } = await this.#database.run<SpeakerRow>(
      'SELECT * FROM speakers WHERE owner = ? AND (? IS NULL OR model = ?) ORDER BY created_at, id',
      owner,
      model ?? null,
      model ?? null,
    );
    return rows.map(speakerOf);
  }

  /** Finds a speaker of an owner. */
  async find(id: string, owner: string): Promise<Speaker | undefined> {
    const sql = 'SELECT * FROM speakers WHERE id = ? AND owner = ?';
    const { rows } = await this.#database.run<SpeakerRow>(sql, id, owner);
    return rows.length > 0 ? speakerOf(rows[0]) : undefined;
  }

  /**
   * Deletes a speaker.
   * @returns whether there was one.
   */
  async delete(id: string, owner: string): Promise<boolean> {
    const { changes } = await this.#database.run(
      'DELETE FROM speakers WHERE id = ? AND owner = ?',
      id,
      owner,
    );
    return changes > 0;
  }
}

function speakerOf({ created_at, consent, ...row }: SpeakerRow): Speaker {
  // Older versions stored statements only, and did not say so.
  const record = { kind: 'statement', ...JSON.parse(consent) } as ConsentRecord;
  return { ...row, consent: record, created: new Date(created_at) };
}

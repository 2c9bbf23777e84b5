import { SoriError } from '../../base/errors.ts';
import type { Database, SqlRow } from '../../database/database.ts';
import { randomId } from '../voices/index.ts';

/** Most enrolled speakers of a key. */
export const MAX_SPEAKERS = 1000;

/** How a speaker has agreed to be recognised. */
export interface SpeakerConsent {
  readonly text: string;
  readonly signedBy: string;
}

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
  readonly consent: SpeakerConsent;
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

/** Stores enrolled speakers; only their owner sees them. */
export class Speakers {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch; default: the clock. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** @throws {SoriError} `invalid_value` when the owner has the maximum number of speakers. */
  async create(given: Omit<Speaker, 'id' | 'created'>): Promise<Speaker> {
    const made: Speaker = { ...given, id: randomId('spk_'), created: new Date(this.#now()) };
    const { id, owner, name, model, vector, seconds, consent, created } = made;
    const { changes } = await this.#database.run(
      `INSERT INTO speakers (id, owner, name, model, vector, seconds, consent, created_at)
       SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM speakers WHERE owner = ?) < ?`,
      id,
      owner,
      name,
      model,
      vector,
      seconds,
      JSON.stringify(consent),
      created.getTime(),
      owner,
      MAX_SPEAKERS,
    );
    if (changes > 0) return made;
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

  /** Deletes a speaker. @returns whether there was one. */
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
  return { ...row, consent: JSON.parse(consent) as SpeakerConsent, created: new Date(created_at) };
}

import { SoriError } from '../../base/errors.ts';
import type { Database, SqlRow, Statement } from '../../database/database.ts';
import { voiceNotFound } from '../delivery/index.ts';
import type { ConsentClaim } from './consents.ts';
import { type ClonedVoice, type Provenance, randomId } from './voice.ts';

/** Cloned voices that a key may have at once. */
export const MAX_VOICES = 100;

/** A voice that is to be kept. */
export type NewVoice = Omit<ClonedVoice, 'id' | 'created' | 'preview'> & { readonly id?: string };

/** Cloned voices and what was made with them, each seen by its owner only. */
export class Voices {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch; default: the clock. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** The voice of an id, if it is this owner's; else as if there were none. */
  async find(id: string, owner: string): Promise<ClonedVoice | undefined> {
    const sql = 'SELECT * FROM voices WHERE id = ? AND owner = ?';
    const { rows } = await this.#database.run<VoiceRow>(sql, id, owner);
    return rows.length > 0 ? voiceOf(rows[0]) : undefined;
  }

  /** All voices of an owner, the oldest first. */
  async list(owner: string): Promise<ClonedVoice[]> {
    const sql = 'SELECT * FROM voices WHERE owner = ? ORDER BY created_at, id';
    const { rows } = await this.#database.run<VoiceRow>(sql, owner);
    return rows.map(voiceOf);
  }

  /**
   * Refuses an owner who has as many voices as there may be.
   * @throws {SoriError} `invalid_value`.
   */
  async checkRoom(owner: string): Promise<void> {
    const sql = 'SELECT count(*) AS n FROM voices WHERE owner = ?';
    const { rows } = await this.#database.run<{ n: number }>(sql, owner);
    if (rows[0].n >= MAX_VOICES) throw tooMany();
  }

  /**
   * Keeps a voice. Where a consent is claimed, it is used up in the same transaction: of two who claim it, one gets a voice.
   * @throws {SoriError} `invalid_value` when the owner has got as many as there may be meanwhile; `invalid_consent` when the consent was
   *   used or has expired.
   */
  async create(voice: NewVoice, claim?: ConsentClaim): Promise<ClonedVoice> {
    const now = this.#now();
    const made: ClonedVoice = {
      ...voice,
      id: voice.id ?? randomId('vce_'),
      preview: null,
      created: new Date(now),
    };
    const { id, owner, name, description, model, language, style, provenance } = made;
    const values = [id, owner, name, description, model, language, style, JSON.stringify(provenance), now];
    const columns = 'id, owner, name, description, model, language, style, provenance, created_at';
    const room = `(SELECT count(*) FROM voices WHERE owner = ?) < ${MAX_VOICES}`;
    const consented =
      'EXISTS (SELECT 1 FROM voice_consents WHERE id = ? AND owner = ? AND used_at IS NULL AND expires_at > ?)';
    const insert: Statement = {
      sql: `INSERT INTO voices (${columns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${room}${claim ? ` AND ${consented}` : ''}`,
      values: [...values, owner, ...(claim ? [claim.id, claim.owner, now] : [])],
    };
    const use: Statement[] = claim
      ? [
          {
            sql: `UPDATE voice_consents SET used_at = ? WHERE id = ? AND owner = ? AND used_at IS NULL
              AND EXISTS (SELECT 1 FROM voices WHERE id = ?)`,
            values: [now, claim.id, claim.owner, id],
          },
        ]
      : [];
    const [inserted] = await this.#database.batch([insert, ...use]);
    if (inserted.changes > 0) return made;
    if (claim === undefined) throw tooMany();
    await this.checkRoom(owner);
    const message = 'This consent was used or has expired meanwhile: POST /v1/voices/consent gives another.';
    throw new SoriError('invalid_consent', message, { param: 'consent' });
  }

  /** Remembers the audio that shows a voice. */
  async setPreview(id: string, key: string): Promise<void> {
    await this.#database.run('UPDATE voices SET preview = ? WHERE id = ?', key, id);
  }

  /**
   * Remembers that audio is about to be stored in which voices are heard.
   * @throws {SoriError} `voice_not_found` when one of them is not there any more; then nothing may be stored.
   */
  async track(ids: readonly string[], key: string, kind: 'speech' | 'recording' = 'speech'): Promise<void> {
    const sql = `INSERT INTO voice_audio (voice, key, kind) SELECT id, ?, ? FROM voices WHERE id = ?
      ON CONFLICT (voice, key) DO UPDATE SET kind = excluded.kind`;
    const results = await this.#database.batch(ids.map((id) => ({ sql, values: [key, kind, id] })));
    if (results.every(({ changes }) => changes > 0)) return;
    throw voiceNotFound();
  }

  /** Are all of the voices that audio was tracked for still there? Those of a voice that was deleted are not. */
  async isTracked(ids: readonly string[], key: string): Promise<boolean> {
    const places = ids.map(() => '?').join(', ');
    const sql = `SELECT count(*) AS n FROM voice_audio WHERE key = ? AND voice IN (${places})`;
    const { rows } = await this.#database.run<{ n: number }>(sql, key, ...ids);
    return ids.length > 0 && rows[0].n === ids.length;
  }

  /** Keys of all audio that a voice is heard in. */
  async audioOf(id: string): Promise<string[]> {
    const { rows } = await this.#database.run<{ key: string }>(
      'SELECT key FROM voice_audio WHERE voice = ?',
      id,
    );
    return rows.map(({ key }) => key);
  }

  /**
   * Removes a voice: from now on nothing can be spoken with it. What {@link audioOf} names is for the caller to remove.
   * @returns keys of the audio that it was heard in.
   */
  async delete(id: string, owner: string): Promise<string[]> {
    const own = 'SELECT id FROM voices WHERE id = ? AND owner = ?';
    const [tracked] = await this.#database.batch([
      { sql: `SELECT key FROM voice_audio WHERE voice IN (${own})`, values: [id, owner] },
      { sql: `DELETE FROM voice_audio WHERE voice IN (${own})`, values: [id, owner] },
      { sql: 'DELETE FROM voices WHERE id = ? AND owner = ?', values: [id, owner] },
    ]);
    return tracked.rows.map(({ key }) => String(key));
  }
}

const tooMany = () =>
  new SoriError('invalid_value', `A key has ${MAX_VOICES} voices at most: delete one first.`);

interface VoiceRow extends SqlRow {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly model: string;
  readonly language: string;
  readonly style: string;
  readonly provenance: string;
  readonly preview: string | null;
  readonly created_at: number;
}

function voiceOf({ created_at, provenance, ...row }: VoiceRow): ClonedVoice {
  return { ...row, provenance: JSON.parse(provenance) as Provenance, created: new Date(created_at) };
}

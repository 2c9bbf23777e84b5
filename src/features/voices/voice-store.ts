import { SoriError } from '../../base/errors.ts';
import type { Database, SqlRow, Statement } from '../../database/database.ts';
import { voiceNotFound } from '../delivery/index.ts';
import { type ConsentClaim, consentUse, consentUsed } from './consents.ts';
import { type ClonedVoice, type Provenance, randomId } from './voice.ts';

/** Most cloned voices of a key. */
export const MAX_VOICES = 100;

/** A voice to store. */
export type NewVoice = Omit<ClonedVoice, 'id' | 'created' | 'preview'> & { readonly id?: string };

/** Stores cloned voices and which audio was made with them. Only the owner can read a voice. */
export class Voices {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now ms since the epoch; default: the clock. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** Finds a voice of this owner. */
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
   * Throws if the owner has the maximum number of voices.
   * @throws {SoriError} `invalid_value`.
   */
  async checkRoom(owner: string): Promise<void> {
    const sql = 'SELECT count(*) AS n FROM voices WHERE owner = ?';
    const { rows } = await this.#database.run<{ n: number }>(sql, owner);
    if (rows[0].n >= MAX_VOICES) throw tooMany();
  }

  /**
   * Stores a voice. A claimed consent is used up in the same transaction, so that it makes one voice only.
   * @throws {SoriError} `invalid_value` when the owner has the maximum number of voices; `invalid_consent` when the consent was
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
    const consent = claim && consentUse(claim, 'voices', id, now);
    const insert: Statement = {
      sql: `INSERT INTO voices (${columns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${room}${consent ? ` AND ${consent.condition}` : ''}`,
      values: [...values, owner, ...(consent?.values ?? [])],
    };
    const [inserted] = await this.#database.batch(consent ? [insert, consent.use] : [insert]);
    if (inserted.changes > 0) return made;
    if (claim === undefined) throw tooMany();
    await this.checkRoom(owner);
    throw consentUsed('clone');
  }

  /** Records the preview of a voice. */
  async setPreview(id: string, key: string): Promise<void> {
    await this.#database.run('UPDATE voices SET preview = ? WHERE id = ?', key, id);
  }

  /**
   * Records that audio with these voices is about to be stored.
   * @throws {SoriError} `voice_not_found` when one of them was deleted; then nothing may be stored.
   */
  async track(ids: readonly string[], key: string, kind: 'speech' | 'recording' = 'speech'): Promise<void> {
    const sql = `INSERT INTO voice_audio (voice, key, kind) SELECT id, ?, ? FROM voices WHERE id = ?
      ON CONFLICT (voice, key) DO UPDATE SET kind = excluded.kind`;
    const results = await this.#database.batch(ids.map((id) => ({ sql, values: [key, kind, id] })));
    if (results.every(({ changes }) => changes > 0)) return;
    throw voiceNotFound();
  }

  /** Whether all voices of tracked audio still exist. */
  async isTracked(ids: readonly string[], key: string): Promise<boolean> {
    const places = ids.map(() => '?').join(', ');
    const sql = `SELECT count(*) AS n FROM voice_audio WHERE key = ? AND voice IN (${places})`;
    const { rows } = await this.#database.run<{ n: number }>(sql, key, ...ids);
    return ids.length > 0 && rows[0].n === ids.length;
  }

  /** Whether this owner has all of these voices. */
  async exist(ids: readonly string[], owner: string): Promise<boolean> {
    const places = ids.map(() => '?').join(', ');
    const sql = `SELECT count(*) AS n FROM voices WHERE owner = ? AND id IN (${places})`;
    const { rows } = await this.#database.run<{ n: number }>(sql, owner, ...ids);
    return rows[0].n === ids.length;
  }

  /** Keys of all audio with a voice. */
  async audioOf(id: string): Promise<string[]> {
    const { rows } = await this.#database.run<{ key: string }>(
      'SELECT key FROM voice_audio WHERE voice = ?',
      id,
    );
    return rows.map(({ key }) => key);
  }

  /**
   * Removes a voice. The caller removes the audio that {@link audioOf} lists.
   * @returns the keys of its audio.
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
  new SoriError('invalid_value', `A key may have at most ${MAX_VOICES} voices: delete one first.`);

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

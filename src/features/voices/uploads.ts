import { SoriError } from '../../base/errors.ts';
import type { HousekeepingTask } from '../../base/housekeeping.ts';
import type { Database } from '../../database/database.ts';
import { randomId } from './voice.ts';

/** Most waiting uploads of a key; each has up to six recordings. */
export const MAX_UPLOADS = 20;
/** ms that recordings wait for their job at most; a failed job can be retried during that time. */
export const UPLOAD_MS = 24 * 60 * 60_000;
/** Uploads that one call of {@link Uploads.prune} removes. */
const PRUNED_AT_ONCE = 200;

/** Stores the files by upload. */
export interface UploadFiles {
  put(upload: string, name: string, bytes: Uint8Array): Promise<void>;
  get(upload: string, name: string): Promise<ReadableStream<Uint8Array> | null>;
  remove(upload: string): Promise<void>;
}

/** Recordings that wait for their job. They are removed after the job, and after a day in any case. */
export class Uploads {
  readonly #database: Database;
  readonly #files: UploadFiles;
  readonly #now: () => number;

  constructor(database: Database, files: UploadFiles, now: () => number = Date.now) {
    this.#database = database;
    this.#files = files;
    this.#now = now;
  }

  /**
   * Stores files.
   * @returns the upload's id, which is internal.
   * @throws {SoriError} `too_many_jobs` for an owner with {@link MAX_UPLOADS} waiting uploads; errors of the stores, after which nothing is left.
   */
  async take(owner: string, files: readonly Uint8Array[]): Promise<string> {
    const id = randomId('upl_');
    // Record the upload before its files, so that no file exists without a record.
    const sql = `INSERT INTO voice_uploads (id, owner, created_at) SELECT ?, ?, ?
      WHERE (SELECT count(*) FROM voice_uploads WHERE owner = ?) < ?`;
    const { changes } = await this.#database.run(sql, id, owner, this.#now(), owner, MAX_UPLOADS);
    if (changes === 0) {
      const message = `The recordings of ${MAX_UPLOADS} jobs are already waiting; try again later.`;
      throw new SoriError('too_many_jobs', message);
    }
    try {
      for (const [i, bytes] of files.entries()) await this.#files.put(id, nameOf(i), bytes);
    } catch (error) {
      await this.drop(id).catch(() => {});
      throw error;
    }
    return id;
  }

  /**
   * Reads the first `count` files of an upload.
   * @throws {SoriError} `invalid_reference` when they were removed.
   */
  async read(id: string, count: number): Promise<Uint8Array<ArrayBuffer>[]> {
    const files: Uint8Array<ArrayBuffer>[] = [];
    for (let i = 0; i < count; i++) {
      const stream = await this.#files.get(id, nameOf(i));
      if (stream === null) {
        const message = 'The recordings of this job were removed: send them again, in another job.';
        throw new SoriError('invalid_reference', message, { param: 'files' });
      }
      files.push(new Uint8Array(await new Response(stream).arrayBuffer()));
    }
    return files;
  }

  /** Removes an upload, if it exists. */
  async drop(id: string): Promise<void> {
    await this.#files.remove(id);
    await this.#database.run('DELETE FROM voice_uploads WHERE id = ?', id);
  }

  /**
   * Removes uploads that waited too long.
   * @returns how many.
   */
  async prune(now = this.#now()): Promise<number> {
    const sql = 'SELECT id FROM voice_uploads WHERE created_at <= ? ORDER BY created_at LIMIT ?';
    const { rows } = await this.#database.run<{ id: string }>(sql, now - UPLOAD_MS, PRUNED_AT_ONCE);
    for (const { id } of rows) await this.drop(id);
    return rows.length;
  }
}

/** The housekeeping task that removes old uploads. */
export const uploadTask =
  (database: Database, files: UploadFiles): HousekeepingTask =>
  (now) =>
    new Uploads(database, files).prune(now);

const nameOf = (index: number): string => `recording-${index}`;

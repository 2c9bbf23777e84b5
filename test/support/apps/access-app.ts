import { DatabaseSync } from 'node:sqlite';
import type { AppDependencies } from '../../../src/app.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { Database } from '../../../src/database/database.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import { createAccessControl } from '../../../src/features/keys/access-control.ts';
import type { KeyGrant } from '../../../src/features/keys/key-store.ts';
import { memoryRateLimiter } from '../../../src/features/keys/rate-limiters/memory.ts';
import type { Scope } from '../../../src/http/access.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { type ToneOptions, toneEngine } from '../../fixtures/tone-engine.ts';

/** The administrator’s key of an {@link accessApp}. */
export const ADMIN_KEY = 'correct-horse-battery-staple';

/** A day in the middle of a month, at noon. */
export const NOON = Date.UTC(2026, 10, 21, 12);

let migrated: Promise<Uint8Array> | undefined;

/** The file of a database after all migrations. A copy of it opens much faster than the tables are made. */
async function migratedFile(): Promise<Uint8Array> {
  const file = new DatabaseSync(':memory:');
  await migrate(sqliteDatabase(file));
  return file.serialize();
}

/** An SQLite database in memory that counts its statements, and fails while `state.broken` is set. */
export async function countingDatabase() {
  migrated ??= migratedFile();
  const file = new DatabaseSync(':memory:');
  file.deserialize(await migrated);
  const database = sqliteDatabase(file);
  const count = { runs: 0 };
  const state = { broken: false };
  const through = <T>(work: () => Promise<T>): Promise<T> => {
    count.runs++;
    return state.broken ? Promise.reject(new Error('The database is away.')) : work();
  };
  const counting: Database = {
    run: (sql, ...values) => through(() => database.run(sql, ...values)),
    batch: (statements) => through(() => database.batch(statements)),
  };
  return { database: counting, count, state };
}

/** Hex SHA-256 of a text. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}

/** The app with API keys on, a tone engine, a database in memory and a clock that the test sets. */
export async function accessApp(options: Partial<AppDependencies> & { tone?: ToneOptions } = {}) {
  const { tone: toneOptions, ...deps } = options;
  const clock = { now: NOON };
  const now = () => clock.now;
  const { database, count, state } = await countingDatabase();
  const access = createAccessControl({
    database,
    adminKeyHash: await sha256(ADMIN_KEY),
    limiter: memoryRateLimiter(now),
    now,
  });
  const tone = toneEngine(toneOptions);
  const lines: string[] = [];
  const app = createApp({
    access,
    engine: tone.engine,
    createEncoder,
    database,
    library: createAudioLibrary({ store: memoryStore(), createEncoder }),
    log: (line) => lines.push(line),
    ...deps,
  });
  /** Sends a request, and waits for the work that continues after the answer. */
  const send = async (method: string, path: string, key?: string, body?: unknown, headers = {}) => {
    const pending: Promise<unknown>[] = [];
    const context = {
      waitUntil: (work: Promise<unknown>) => void pending.push(work),
      passThroughOnException: () => {},
      props: {},
    };
    const init: RequestInit = {
      method,
      headers: {
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const response = await app.request(path, init, {}, context as unknown as ExecutionContext);
    const bytes = await response.arrayBuffer();
    for (let done = 0; done < pending.length; ) {
      const these = pending.slice(done);
      done = pending.length;
      await Promise.allSettled(these);
    }
    const text = new TextDecoder().decode(bytes);
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    const json = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json, length: bytes.byteLength };
  };
  const makeKey = async (grant: Partial<KeyGrant> & { scopes?: readonly Scope[] } = {}, lifeMs?: number) =>
    await access.keys!.create({ name: 'test', scopes: ['speech'], ...grant }, lifeMs);
  return { app, access, database, count, state, clock, tone, lines, send, makeKey };
}

/** A body that `POST /v1/audio/speech` of an {@link accessApp} takes. */
export const SPEECH = { model: 'tone-1', voice: 'clara', input: 'Hello.' };

import { SoriError } from '../../base/errors.ts';
import type { Database } from '../../database/database.ts';
import type { AddressedSpeech } from './address.ts';
import type { SpeechBody } from './schema.ts';

/** How long the request is held for speech that could not be stored: 30 days. */
const HELD_MS = 30 * 86_400_000;
/** Longest request that is held: without a recording in it, none is longer. */
const MOST_CHARACTERS = 64 * 1024;

/**
 * Holds the request for speech that was sent and could not be stored, so that its address still works.
 * @returns whether it is held.
 */
export async function holdUnstored(
  database: Database | undefined,
  { key, body, privacy, synthesize }: AddressedSpeech,
  now = Date.now(),
): Promise<boolean> {
  const text = JSON.stringify(body);
  if (!database || privacy || synthesize || text.length > MOST_CHARACTERS) return false;
  await database.batch([
    { sql: 'DELETE FROM unstored_speech WHERE created_at <= ?', values: [now - HELD_MS] },
    {
      sql: 'INSERT OR REPLACE INTO unstored_speech (key, body, created_at) VALUES (?, ?, ?)',
      values: [key, text, now],
    },
  ]);
  return true;
}

/** The request that is held for a key. */
export async function heldUnstored(
  database: Database | undefined,
  key: string,
): Promise<SpeechBody | undefined> {
  if (!database) return undefined;
  const sql = 'SELECT body FROM unstored_speech WHERE key = ?';
  let rows: readonly { body: string }[];
  try {
    ({ rows } = await database.run<{ body: string }>(sql, key));
  } catch (error) {
    // A database without its tables holds nothing.
    if (error instanceof SoriError && error.code === 'not_configured') return undefined;
    throw error;
  }
  // It was validated before it was held.
  return rows.length > 0 ? (JSON.parse(rows[0].body) as SpeechBody) : undefined;
}

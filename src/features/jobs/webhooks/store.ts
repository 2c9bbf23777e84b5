import type { Database, Statement } from '../../../database/database.ts';
import type { DeliveryFault, DeliveryState, WebhookDelivery } from './types.ts';

/** A claimed attempt, which no other process makes for a while. */
export interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly body: string;
  /** Number of this claim; a later claim of the delivery has another number. */
  readonly attempts: number;
  readonly startedAt: number;
  readonly retries: number;
}

/** An event to store. */
export interface NewDelivery {
  readonly id: string;
  readonly jobId: string;
  readonly owner: string;
  readonly url: string;
  readonly type: string;
  readonly body: string;
  readonly now: number;
}

/** The result of an attempt. */
export interface Outcome {
  readonly now: number;
  readonly state: DeliveryState;
  /** Only while it is pending. */
  readonly nextAt?: number;
  readonly status?: number;
  readonly fault?: DeliveryFault;
}

/** ms after which an unreported attempt is repeated; longer than any attempt takes. */
const CLAIM_MS = 60_000;
/** Most concurrent attempts per owner, so that slow receivers do not delay others. */
const CLAIMS_OF_AN_OWNER = 3;

const COLUMNS =
  'id, job_id, type, url, state, attempts, created_at, next_at, last_at, last_status, last_fault';
const CLAIMED = 'id, owner, url, body, attempts, started_at, retries';

interface DeliveryRow {
  readonly id: string;
  readonly job_id: string;
  readonly type: string;
  readonly url: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly created_at: number;
  readonly next_at: number;
  readonly last_at: number | null;
  readonly last_status: number | null;
  readonly last_fault: DeliveryFault | null;
}

interface ClaimRow {
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
  readonly started_at: number;
  readonly retries: number;
}

/** Deliveries in a database. */
export class DeliveryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Stores an event that is due at once, or `disabled` if its receiver answered 410 before.
   * @returns whether it is new.
   */
  async add({ id, jobId, owner, url, type, body, now }: NewDelivery): Promise<boolean> {
    const { changes } = await this.#database.run(
      `INSERT INTO webhook_deliveries (id, job_id, owner, url, type, body, state, created_at, started_at, next_at)
       SELECT ?, ?, ?, ?, ?, ?,
              CASE WHEN EXISTS (SELECT 1 FROM webhook_gone WHERE owner = ? AND url = ?) THEN 'disabled' ELSE 'pending' END,
              ?, ?, ?
       WHERE true ON CONFLICT (id) DO NOTHING`,
      ...[id, jobId, owner, url, type, body, owner, url, now, now, now],
    );
    return changes > 0;
  }

  /** Claims a due delivery: the given one, or the oldest of an owner with few running attempts. */
  async claim(now: number, id?: string): Promise<Claim | undefined> {
    const which =
      id === undefined
        ? `SELECT id FROM webhook_deliveries LEFT JOIN busy USING (owner)
           WHERE state = 'pending' AND next_at <= ? AND coalesce(under_way, 0) < ${CLAIMS_OF_AN_OWNER}
           ORDER BY next_at LIMIT 1`
        : `SELECT id FROM webhook_deliveries WHERE state = 'pending' AND next_at <= ? AND id = ?`;
    const { rows } = await this.#database.run<ClaimRow>(
      `WITH busy AS (SELECT owner, count(*) AS under_way FROM webhook_deliveries
                     WHERE state = 'pending' AND claimed_until > ? GROUP BY owner)
       UPDATE webhook_deliveries SET attempts = attempts + 1, next_at = ?, claimed_until = ?, last_at = ?
       WHERE id = (${which}) RETURNING ${CLAIMED}`,
      ...[now, now + CLAIM_MS, now + CLAIM_MS, now, now],
      ...(id === undefined ? [] : [id]),
    );
    return rows.map(({ started_at, ...claim }) => ({ ...claim, startedAt: started_at }))[0];
  }

  /** Records the result of a claimed attempt, unless a later claim exists. A delivered event stays delivered. */
  async finish({ id, owner, url, attempts }: Claim, outcome: Outcome): Promise<void> {
    const { now, state, nextAt = now, status, fault } = outcome;
    const statements: Statement[] = [
      {
        sql: `UPDATE webhook_deliveries
              SET state = ?, next_at = ?, claimed_until = 0, retries = retries + 1, last_at = ?, last_status = ?, last_fault = ?
              WHERE id = ? AND (attempts = ? OR ? = 'delivered')`,
        values: [state, nextAt, now, status ?? null, fault ?? null, id, attempts, state],
      },
    ];
    if (state === 'delivered') {
      statements.push({
        sql: 'DELETE FROM webhook_gone WHERE owner = ? AND url = ?',
        values: [owner, url],
      });
    }
    if (state === 'disabled') {
      statements.push(
        {
          sql: 'INSERT INTO webhook_gone (owner, url, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          values: [owner, url, now],
        },
        {
          sql: `UPDATE webhook_deliveries SET state = 'disabled' WHERE owner = ? AND url = ? AND state = 'pending'`,
          values: [owner, url],
        },
      );
    }
    await this.#database.batch(statements);
  }

  /**
   * Makes the last event of an owner's job due again with all retries.
   * @returns `undefined` if there is none.
   */
  async restart(jobId: string, owner: string, now: number): Promise<WebhookDelivery | undefined> {
    const { rows } = await this.#database.run<DeliveryRow>(
      `UPDATE webhook_deliveries SET state = 'pending', started_at = ?, retries = 0, next_at = ?, claimed_until = 0
       WHERE id = (SELECT id FROM webhook_deliveries WHERE job_id = ? AND owner = ?
                   ORDER BY created_at DESC, id DESC LIMIT 1)
       RETURNING ${COLUMNS}`,
      ...[now, now, jobId, owner],
    );
    return rows.map(deliveryOf)[0];
  }

  /** A job's events, oldest first. */
  async list(jobId: string): Promise<WebhookDelivery[]> {
    const { rows } = await this.#database.run<DeliveryRow>(
      `SELECT ${COLUMNS} FROM webhook_deliveries WHERE job_id = ? ORDER BY created_at, id`,
      jobId,
    );
    return rows.map(deliveryOf);
  }

  /** Deletes a job's events. */
  async forget(jobId: string): Promise<void> {
    await this.#database.run('DELETE FROM webhook_deliveries WHERE job_id = ?', jobId);
  }

  /** Deletes events that were settled before `time`. */
  async prune(time: number): Promise<void> {
    await this.#database.run(
      `DELETE FROM webhook_deliveries WHERE state <> 'pending' AND started_at < ?`,
      time,
    );
  }
}

function deliveryOf(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    jobId: row.job_id,
    type: row.type,
    url: row.url,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.state === 'pending' ? row.next_at : undefined,
    lastAttemptAt: row.last_at ?? undefined,
    lastStatus: row.last_status ?? undefined,
    lastFault: row.last_fault ?? undefined,
  };
}

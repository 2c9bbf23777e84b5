import type { Order } from './wrangler.ts';

/** Names of wrangler.toml. */
export const NAMES = {
  worker: 'sori',
  bucket: 'sori',
  database: 'sori',
  queues: ['sori-jobs', 'sori-jobs-dead'],
} as const;

/** Messages of Cloudflare's commands about existing resources. */
const EXISTS = /already exists|already taken|is already in use|you own it/i;
/** Messages of Cloudflare's commands about missing resources. */
const GONE = /not found|does not exist|could ?n.t find|no such|unknown queue/i;

/** Commands that make the bucket, the database and the queues. wrangler.toml has their names and needs no change. */
export const CREATE: readonly Order[] = [
  { args: ['r2', 'bucket', 'create', NAMES.bucket, '--update-config=false'], done: EXISTS },
  { args: ['d1', 'create', NAMES.database, '--update-config=false'], done: EXISTS },
  ...NAMES.queues.map((name) => ({ args: ['queues', 'create', name], done: EXISTS })),
];

/** Brings the database up to date. */
export const MIGRATE: Order = { args: ['d1', 'migrations', 'apply', 'DB', '--remote'] };

/** Commands that remove everything but the bucket, which has to be empty. */
export const REMOVE: readonly Order[] = [
  ...NAMES.queues.map((name) => ({
    args: ['queues', 'consumer', 'remove', name, NAMES.worker],
    done: /not found|does not exist|no worker consumer/i,
  })),
  { args: ['delete', NAMES.worker, '--force'], done: GONE },
  ...NAMES.queues.map((name) => ({ args: ['queues', 'delete', name], done: GONE })),
  { args: ['d1', 'delete', NAMES.database, '--skip-confirmation'], done: GONE },
];

/** Removes the bucket. Cloudflare refuses it while the bucket holds objects. */
export const REMOVE_BUCKET: Order = { args: ['r2', 'bucket', 'delete', NAMES.bucket], done: GONE };

import { cache, waitUntil } from 'cloudflare:workers';
import { createApp } from './app.ts';
import { createEncoder } from './audio/encoders/encoder.ts';
import { createHousekeeping, type Housekeeping } from './base/housekeeping.ts';
import { d1Database } from './database/d1.ts';
import type { Database } from './database/database.ts';
import type { SpeechEngine } from './engine/engine.ts';
import { createLocalEngine } from './engine/local.ts';
import { createModelHost } from './engine/model-host.ts';
import { r2Outputs } from './features/jobs/outputs/r2.ts';
import { pruneJobs } from './features/jobs/prune.ts';
import type { JobMessage, JobObject } from './features/jobs/runner/job-object.ts';
import { createWorkerJobs, type WorkerJobs } from './features/jobs/runner/worker-jobs.ts';
import { type JobVariables, parseJobSettings } from './features/jobs/settings.ts';
import type { WebhookVariables } from './features/jobs/webhooks/settings.ts';
import type { Webhooks } from './features/jobs/webhooks/types.ts';
import { workersWebhooks } from './features/jobs/webhooks/workers.ts';
import { createAccessControl, type KeyAccessControl } from './features/keys/access-control.ts';
import { bindingRateLimiter, type RateLimitBinding } from './features/keys/rate-limiters/bindings.ts';
import { parseRetention, type RetentionVariables, retentionTasks } from './features/prompts/retention.ts';
import { parseVoiceConsent } from './features/voices/consents.ts';
import { uploadTask } from './features/voices/uploads.ts';
import { ERROR_KINDS, errorBody } from './http/errors.ts';
import { refuseForeign } from './http/local-guard.ts';
import { parseSigningKeys } from './http/signed-url.ts';
import { createWasmBackend } from './inference/wasm.ts';
import { chooseEdgeCache } from './library/edge-cache.ts';
import { createAudioLibrary } from './library/stored-library.ts';
import { r2Store } from './library/stores/r2.ts';
import { originsOf } from './placement/origins.ts';
import { createModelLoader } from './shards/loader.ts';
import { r2Source } from './shards/sources/r2.ts';

export { JobObject } from './features/jobs/runner/job-object.ts';

/** Bindings and variables of wrangler.toml. */
export interface Env extends WebhookVariables, RetentionVariables, JobVariables {
  /** Holds `shards/<model>/…` and `audio/…`. */
  readonly BUCKET: R2Bucket;
  /** Holds the prompt catalogue, API keys and usage. */
  readonly DB: D1Database;
  /** Jobs: an object each, and the queue that hands them over. */
  readonly JOB_OBJECTS: DurableObjectNamespace<JobObject>;
  readonly JOBS: Queue<JobMessage>;
  /** Rate limits, by requests per minute of a key, and by address where no key is needed. */
  readonly RATE_10: RateLimitBinding;
  readonly RATE_60: RateLimitBinding;
  readonly RATE_300: RateLimitBinding;
  readonly RATE_1000: RateLimitBinding;
  readonly RATE_5000: RateLimitBinding;
  readonly RATE_PUBLIC: RateLimitBinding;
  /** Names of the models served, separated by commas; the first is the default. */
  readonly MODELS: string;
  /** `off` asks nobody for an API key but for the routes of keys; refused on all but loopback host names. */
  readonly AUTH?: string;
  /** What the proxy of `npm start` shows with every request; see `http/local-guard.ts`. */
  readonly LOCAL_TOKEN?: string;
  /** Hex SHA-256 of the administrator's API key. */
  readonly ADMIN_KEY_SHA256?: string;
  /** Secrets of signed URLs: `id:secret`, separated by commas; the first signs. */
  readonly SIGNING_KEYS?: string;
  /** Servers that heavy work is handed to: `https://a.example 2,https://b.example 1`. */
  readonly ORIGINS?: string;
  /** Secrets shared with them: `id:secret`, separated by commas; the first signs. */
  readonly ORIGIN_SECRETS?: string;
  /** Shows them this Worker's certificate, where a binding of `mtls_certificates` has this name. */
  readonly ORIGIN_CERTIFICATE?: Fetcher;
  /** Milliseconds until a second of them is asked beside the first; default: never. */
  readonly ORIGIN_HEDGE_MS?: string;
  /** Origins whose pages may call the API, separated by commas; `*` = all. */
  readonly CORS_ORIGINS?: string;
  /** `1` writes what is spoken into the log. */
  readonly LOG_TEXT?: string;
  /** `on` where styles may be made of recordings. */
  readonly REFERENCE_STYLES?: string;
  /** How speakers consent to having their voices cloned: `recording` (default), `statement` or `both`. */
  readonly VOICE_CONSENT?: string;
}

// Models and audio outlive requests: what one request makes, others wait for and later ones use.
const keepAlive = (work: Promise<unknown>) => waitUntil(work);

function createEngine({ BUCKET, MODELS }: Env): SpeechEngine {
  const loader = createModelLoader({ source: r2Source(BUCKET), keepAlive });
  const host = createModelHost({ loader, backend: createWasmBackend(), keepAlive });
  return createLocalEngine({ host, models: namesIn(MODELS) });
}

function createAccess(env: Env, database: Database): KeyAccessControl {
  const limiter = bindingRateLimiter({
    keys: {
      10: env.RATE_10,
      60: env.RATE_60,
      300: env.RATE_300,
      1000: env.RATE_1000,
      5000: env.RATE_5000,
    },
    addresses: env.RATE_PUBLIC,
  });
  return createAccessControl({ database, adminKeyHash: env.ADMIN_KEY_SHA256, limiter });
}

/** What a Worker answers requests, messages and its clock with. */
interface Assembled {
  readonly app: ReturnType<typeof createApp>;
  readonly jobs: WorkerJobs;
  readonly webhooks: Webhooks;
  readonly housekeeping: Housekeeping;
}

function assemble(env: Env): Assembled {
  const database = d1Database(env.DB);
  const jobs = createWorkerJobs({
    objects: env.JOB_OBJECTS,
    queue: env.JOBS,
    database,
    outputs: r2Outputs(env.BUCKET),
    ...parseJobSettings(env),
  });
  const webhooks = workersWebhooks(database, env, keepAlive);
  const store = r2Store(env.BUCKET);
  const access = createAccess(env, database);
  const library = createAudioLibrary({
    store,
    createEncoder,
    keepAlive,
    longestMaster: LONGEST_MASTER,
  });
  const app = createApp({
    access: env.AUTH === 'off' ? 'off' : access,
    management: access,
    engine: createEngine(env),
    createEncoder,
    library,
    database,
    jobs,
    webhooks,
    edgeCache: chooseEdgeCache({ workers: cache, storage: caches }),
    bakeBudgetMs: BAKE_BUDGET_MS,
    signingKeys: parseSigningKeys(env.SIGNING_KEYS),
    placement: { pool: originsOf(env, (line) => console.error(line)) },
    corsOrigins: namesIn(env.CORS_ORIGINS ?? '*'),
    log: (line) => console.log(line),
    logText: env.LOG_TEXT === '1',
    referenceStyles: env.REFERENCE_STYLES === 'on',
    voiceConsent: parseVoiceConsent(env.VOICE_CONSENT),
  });
  const housekeeping = createHousekeeping(
    {
      ...retentionTasks({ database, store, library }, parseRetention(env)),
      jobs: (now) => pruneJobs(jobs, now, webhooks.forget),
      voice_uploads: uploadTask(database, jobs.outputs),
    },
    (line) => console.log(line),
  );
  return { app, jobs, webhooks, housekeeping };
}

/** Bytes of a recording that leave an isolate room for its model, thrice in memory: eleven minutes. */
const LONGEST_MASTER = 32 * 1024 * 1024;

/** A request has 30 s of CPU time where nothing else is said, of which one long recording takes half. */
const BAKE_BUDGET_MS = 10_000;

/** When it keeps house; at all other times the clock is for webhooks: wrangler.toml. */
const HOUSEKEEPING_CRON = '17 * * * *';

/** Where messages go that were retried in vain: wrangler.toml. */
const DEAD_LETTERS = 'sori-jobs-dead';

const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Keys may be off only where nobody else is: a deployed Worker that says so is mistaken, and must not serve the world. */
function refusedWithoutKeys(request: Request, env: Env): Response | undefined {
  const guard = { corsOrigins: namesIn(env.CORS_ORIGINS ?? ''), token: env.LOCAL_TOKEN };
  const refusal = refuseForeign(request, guard);
  if (refusal === undefined) return undefined;
  const { status } = ERROR_KINDS[refusal.code];
  return Response.json(errorBody(refusal), { status, headers: { 'Cache-Control': 'no-store' } });
}

// Made at the first request: bindings are not to be had before.
let assembled: Assembled | undefined;

export default {
  fetch(request, env, context) {
    const refused = env.AUTH === 'off' ? refusedWithoutKeys(request, env) : undefined;
    if (refused) return refused;
    assembled ??= assemble(env);
    return assembled.app.fetch(request, env, context);
  },
  async queue(batch, env) {
    assembled ??= assemble(env);
    const { jobs } = assembled;
    await (batch.queue === DEAD_LETTERS ? jobs.bury(batch) : jobs.consume(batch));
  },
  async scheduled({ cron }, env) {
    assembled ??= assemble(env);
    const { webhooks, housekeeping } = assembled;
    await (cron === HOUSEKEEPING_CRON ? housekeeping.run(Date.now()) : webhooks.due());
  },
} satisfies ExportedHandler<Env, JobMessage>;

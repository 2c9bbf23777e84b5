import { cache, waitUntil } from 'cloudflare:workers';
import { createApp } from '../app.ts';
import { createEncoder } from '../audio/encoders/encoder.ts';
import { createHousekeeping, type Housekeeping } from '../base/housekeeping.ts';
import { d1Database } from '../database/d1.ts';
import type { Database } from '../database/database.ts';
import { createLocalEngines, type LocalEngines } from '../engine/local-engines.ts';
import { createModelHost } from '../engine/model-host.ts';
import { Scheduler } from '../engine/scheduler.ts';
import { r2Outputs } from '../features/jobs/outputs/r2.ts';
import { pruneJobs } from '../features/jobs/prune.ts';
import { createWorkerJobs, type WorkerJobs } from '../features/jobs/runner/worker-jobs.ts';
import { parseJobSettings } from '../features/jobs/settings.ts';
import type { Webhooks } from '../features/jobs/webhooks/types.ts';
import { workersWebhooks } from '../features/jobs/webhooks/workers.ts';
import { createAccessControl, type KeyAccessControl } from '../features/keys/access-control.ts';
import { bindingRateLimiter } from '../features/keys/rate-limiters/bindings.ts';
import { parseRetention, retentionTasks } from '../features/prompts/retention.ts';
import { parseVoiceConsent } from '../features/voices/consents.ts';
import { uploadTask } from '../features/voices/uploads.ts';
import { parseSigningKeys } from '../http/signed-url.ts';
import { createWasmBackend } from '../inference/wasm.ts';
import { chooseEdgeCache } from '../library/edge-cache.ts';
import { createAudioLibrary } from '../library/stored-library.ts';
import { r2Store } from '../library/stores/r2.ts';
import { originsOf } from '../placement/origins.ts';
import { createModelLoader } from '../shards/loader.ts';
import { r2Source } from '../shards/sources/r2.ts';
import { type Env, namesIn } from './env.ts';
import { workerSessions } from './sessions.ts';

/** Longest master in bytes, about eleven minutes: encoding it takes three times its size, in addition to the model. */
const LONGEST_MASTER = 32 * 1024 * 1024;

/**
 * Milliseconds after which a request looks again for what another request changes: audio or data that both need, and whether it is its turn.
 */
const POLL_MS = { shared: 10, turn: 1 } as const;

/** A request has 30 s of CPU time by default, and one long recording takes half of it. */
const BAKE_BUDGET_MS = 10_000;

// Models and audio outlive the request that loads or makes them.
const keepAlive = (work: Promise<unknown>) => waitUntil(work);

function createEngines({ BUCKET, MODELS }: Env): LocalEngines {
  const sharing = { keepAlive, pollMs: POLL_MS.shared };
  const loader = createModelLoader({ source: r2Source(BUCKET), ...sharing });
  const host = createModelHost({ loader, backend: createWasmBackend(), ...sharing });
  const scheduler = new Scheduler({ pollMs: POLL_MS.turn });
  return createLocalEngines({ host, models: namesIn(MODELS), scheduler });
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

/** The parts of a Worker: they answer requests, queue messages and cron triggers. */
export interface Assembled {
  readonly app: ReturnType<typeof createApp>;
  readonly jobs: WorkerJobs;
  readonly webhooks: Webhooks;
  readonly housekeeping: Housekeeping;
}

/** Makes the parts of a Worker from its bindings and variables. */
export function assemble(env: Env): Assembled {
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
    pollMs: POLL_MS.shared,
  });
  const app = createApp({
    access: env.AUTH === 'off' ? 'off' : access,
    management: access,
    ...createEngines(env),
    shards: r2Source(env.BUCKET),
    createEncoder,
    library,
    database,
    jobs,
    sessions: env.SESSION_OBJECTS && workerSessions(env.SESSION_OBJECTS),
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

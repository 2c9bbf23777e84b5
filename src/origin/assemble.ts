import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { createApp } from '../app.ts';
import { createEncoder } from '../audio/encoders/encoder.ts';
import { createHousekeeping } from '../base/housekeeping.ts';
import { migrate } from '../database/migrate.ts';
import { sqliteDatabase } from '../database/sqlite.ts';
import type { BatchingOptions } from '../engine/batching/batcher.ts';
import type { InferenceInfo } from '../engine/engine.ts';
import { joinEngines } from '../engine/hosted/joint.ts';
import { createLocalEngines } from '../engine/local-engines.ts';
import { createModelHost, type ModelHost } from '../engine/model-host.ts';
import { fileOutputs } from '../features/jobs/outputs/files.ts';
import { pruneJobs } from '../features/jobs/prune.ts';
import { createNodeJobs } from '../features/jobs/runner/node-jobs.ts';
import { nodeWebhooks, startWebhookTimer } from '../features/jobs/webhooks/node.ts';
import { createAccessControl } from '../features/keys/access-control.ts';
import { memoryRateLimiter } from '../features/keys/rate-limiters/memory.ts';
import { retentionTasks } from '../features/prompts/retention.ts';
import { uploadTask } from '../features/voices/uploads.ts';
import { chooseProvider } from '../inference/providers.ts';
import { createAudioLibrary } from '../library/stored-library.ts';
import { fileStore } from '../library/stores/files.ts';
import { s3Store } from '../library/stores/s3.ts';
import { databaseNonces, nonceTask } from '../placement/signatures/nonces.ts';
import { createModelLoader, type ModelLoader } from '../shards/loader.ts';
import type { ShardSource } from '../shards/source.ts';
import { fsSource } from '../shards/sources/fs.ts';
import { httpSource } from '../shards/sources/http.ts';
import { s3Source } from '../shards/sources/s3.ts';
import { type BucketConfig, ConfigError, type OriginConfig } from './config.ts';
import type { Drain } from './drain.ts';
import { contextOf } from './drain.ts';
import { openHosted } from './hosted.ts';
import { startHousekeeping } from './housekeeping-timer.ts';
import { nodeSessions } from './sessions.ts';
import { isCertified } from './tls.ts';

/** Bytes of sessions that an origin holds: a machine of its own has room for every stage of a few models. */
const SESSION_BYTES = 1024 * 1024 * 1024;
/** Recordings on their way at once. */
const MAX_UPLOADS = { uploads: 256, bytes: 1024 * 1024 * 1024 } as const;
/** Utterances that run together: on a CPU more don't fit into its caches; on a GPU they, and their padding, cost next to nothing. */
const CPU_BATCH = { maxRows: 8 };
const GPU_BATCH = { maxRows: 32, maxPadding: 2 };

/** The parts of an origin. */
export interface Origin {
  readonly app: ReturnType<typeof createApp>;
  readonly inference: InferenceInfo | undefined;
  /** Migrations that the database lacked. */
  readonly migrated: readonly string[];
  /** Stops the work that no client waits for: jobs, which the next start resumes, webhooks and housekeeping. */
  rest(): Promise<void>;
  /** Puts everything away. */
  close(): void;
}

/**
 * Makes an origin from its configuration.
 * @throws {ConfigError} when no execution provider works, or the state cannot be stored.
 */
export async function assembleOrigin(config: OriginConfig, drain: Drain): Promise<Origin> {
  const client = config.bucket && bucketClient(config.bucket);
  const shards = sourceOf(config, client);
  const loader = createModelLoader({ source: shards });
  const host = await hostOf(config, loader);
  const hosted = await openHosted(config, host);
  const { engine: local, singing } = createLocalEngines({ host, models: config.models });
  const engine = joinEngines(local, hosted.engine);
  const { database, migrated } = await stateOf(config);
  const store =
    client && config.bucket
      ? s3Store(client, config.bucket.bucket)
      : fileStore(join(config.stateDir, 'audio'));
  const webhooks = nodeWebhooks(database, config.webhooks, (work) => drain.keep(work));
  const webhookTimer = startWebhookTimer(webhooks, {
    onError: (error) => console.error('Webhooks wait:', error),
  });
  const jobs = createNodeJobs({
    database,
    outputs: fileOutputs(join(config.stateDir, 'jobs')),
    ...config.jobs,
  });
  const library = createAudioLibrary({ store, createEncoder, keepAlive: (work) => drain.keep(work) });
  const access = createAccessControl({
    database,
    adminKeyHash: config.adminKeyHash,
    limiter: memoryRateLimiter(),
  });
  const app: ReturnType<typeof createApp> = createApp({
    // The edge has already authenticated and counted the caller.
    access: config.auth && !config.guarded ? access : 'off',
    management: config.guarded ? undefined : access,
    originGuard: config.guarded
      ? {
          keys: config.originKeys,
          certified: config.tls?.clientCa === undefined ? undefined : isCertified,
          open: config.openMetrics ? ['/metrics'] : [],
          nonces: databaseNonces(database),
        }
      : undefined,
    engine,
    hosted: hosted.models,
    singing,
    shards,
    createEncoder,
    library,
    database,
    jobs,
    sessions: nodeSessions((request, env) => app.fetch(request, env, contextOf(drain))),
    webhooks,
    signingKeys: config.signingKeys,
    corsOrigins: config.corsOrigins,
    log: (line) => console.log(line),
    logText: config.logText,
    referenceStyles: config.referenceStyles,
    speakerProfiles: config.speakerProfiles,
    voiceConsent: config.voiceConsent,
    maxSpeechRequests: config.maxRequests,
    maxUploads: MAX_UPLOADS,
    requestTimeoutMs: config.requestTimeoutMs,
    clientAddress: config.clientAddress,
    draining: () => drain.ending,
  });
  const housekeeping = startHousekeeping(
    createHousekeeping(
      {
        ...retentionTasks({ database, store, library }, config.retention),
        jobs: (now) => pruneJobs(jobs, now, webhooks.forget),
        voice_uploads: uploadTask(database, jobs.outputs),
        origin_nonces: nonceTask(database),
      },
      (line) => console.log(line),
    ),
  );
  const rest = async () => {
    await Promise.all([jobs.stop(), webhookTimer.stop(), housekeeping.stop()]);
  };
  const close = () => {
    void hosted.close();
    database.close();
    client?.destroy();
  };
  return { app, inference: engine.inference, migrated, rest, close };
}

function bucketClient({ endpoint, region, credentials }: BucketConfig): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials,
    // Other storages than AWS's rarely give each bucket a name of its own.
    forcePathStyle: endpoint !== undefined,
    // Not every storage supports checksums in trailers, which are new. Uploads are signed with their hash anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function sourceOf({ shards, bucket }: OriginConfig, client: S3Client | undefined): ShardSource {
  if (shards === 'bucket' && bucket && client) return s3Source(client, bucket.bucket);
  return /^https?:/.test(shards) ? httpSource(shards) : fsSource(shards);
}

/** Chooses the first execution provider that passes the self-test of every model. */
async function hostOf(config: OriginConfig, loader: ModelLoader): Promise<ModelHost> {
  const { providers, threads, models } = config;
  let host: ModelHost | undefined;
  try {
    await chooseProvider({
      providers,
      threads,
      async check(backend) {
        const batching = batchingOf(config, backend.name);
        host = createModelHost({ loader, backend, byteBudget: SESSION_BYTES, keepOnDemand: true, batching });
        for (const model of models) {
          // An unreadable model does not reject a provider; readiness reports it.
          if (await loader.manifest(model).catch(() => undefined)) await host.verify(model);
        }
      },
    });
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
  return host as ModelHost;
}

/** WASM is there to speak as the edge does, which batches nothing. */
function batchingOf({ batch, batchDelayMs }: OriginConfig, backend: string): BatchingOptions | undefined {
  if (backend.endsWith('wasm')) return undefined;
  const bounds = backend === 'native-cpu' ? CPU_BATCH : GPU_BATCH;
  return {
    ...bounds,
    ...(batch && { maxRows: batch }),
    maxDelayMs: batchDelayMs,
    pause: () => setImmediate(),
  };
}

async function stateOf({ stateDir }: OriginConfig) {
  try {
    await mkdir(stateDir, { recursive: true });
    const database = sqliteDatabase(join(stateDir, 'sori.sqlite'));
    return { database, migrated: await migrate(database) };
  } catch (error) {
    throw new ConfigError(`STATE_DIR ${stateDir} cannot be used: ${(error as Error).message}`);
  }
}

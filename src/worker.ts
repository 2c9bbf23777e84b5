import { waitUntil } from 'cloudflare:workers';
import { createApp } from './app.ts';
import { createEncoder } from './audio/encoder.ts';
import type { SpeechEngine } from './engine/engine.ts';
import { createLocalEngine } from './engine/local.ts';
import { createModelHost } from './engine/model-host.ts';
import { createWasmBackend } from './inference/wasm.ts';
import { createModelLoader } from './shards/loader.ts';
import { r2Source } from './shards/sources/r2.ts';

/** Bindings and variables of wrangler.toml. */
export interface Env {
  /** Holds `shards/<model>/…`. */
  readonly BUCKET: R2Bucket;
  /** Names of the models served, separated by commas; the first is the default. */
  readonly MODELS: string;
  /** `on` where styles may be made of recordings. */
  readonly REFERENCE_STYLES?: string;
}

function createEngine({ BUCKET, MODELS }: Env): SpeechEngine {
  // Models outlive requests: what one request loads, others wait for and later ones use.
  const keepAlive = (work: Promise<unknown>) => waitUntil(work);
  const loader = createModelLoader({ source: r2Source(BUCKET), keepAlive });
  const host = createModelHost({ loader, backend: createWasmBackend(), keepAlive });
  const models = MODELS.split(',').map((name) => name.trim());
  return createLocalEngine({ host, models: models.filter((name) => name !== '') });
}

// Made at the first request: bindings are not to be had before.
let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request, env, context) {
    if (app === undefined) {
      const engine = createEngine(env);
      const referenceStyles = env.REFERENCE_STYLES === 'on';
      app = createApp({ access: 'off', engine, createEncoder, referenceStyles });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

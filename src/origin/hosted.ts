import { FrontEnds } from '../engine/front-ends.ts';
import type { HostedEngine } from '../engine/hosted/engine.ts';
import { createHostedEngine } from '../engine/hosted/engine.ts';
import type { ModelHost } from '../engine/model-host.ts';
import { HostedModels } from '../models/hosted-models.ts';
import { ModelStore } from '../models/store.ts';
import type { OriginConfig } from './config.ts';

/** How often the models directory is read again. */
const REFRESH_MS = 10_000;

/** Models of other makers on this origin. */
export interface Hosted {
  readonly models: HostedModels;
  readonly engine: HostedEngine;
  /** Unloads all models. */
  close(): Promise<void>;
}

/** Opens the models directory. A model is loaded at its first request. */
export async function openHosted(config: OriginConfig, host: ModelHost): Promise<Hosted> {
  const { hostedModels, hostedMemory, threads, models: names } = config;
  const [, provider = 'cpu'] = /^native-(\w+)$/.exec(host.backend.name) ?? [];
  const models = new HostedModels({
    store: new ModelStore(hostedModels),
    graphs: { providers: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'], threads },
    memoryBytes: hostedMemory,
    onFault: logFault,
  });
  await models.refresh();
  const timer = setInterval(() => models.refresh().catch((error) => logFault('', error)), REFRESH_MS);
  timer.unref();
  const frontEnds = new FrontEnds();
  const engine = createHostedEngine({
    models,
    // The dictionaries are those of Sori's own model.
    frontEnd: async (language, signal) => frontEnds.get(await host.open(names[0], signal), language, signal),
  });
  const close = async () => {
    clearInterval(timer);
    await models.close();
  };
  return { models, engine, close };
}

function logFault(model: string, error: unknown): void {
  const { message } = error as Error;
  console.error(JSON.stringify({ time: new Date().toISOString(), level: 'error', model, message }));
}

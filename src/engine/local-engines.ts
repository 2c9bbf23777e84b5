import type { SpeechEngine } from './engine.ts';
import { createLocalEngine, type LocalEngineOptions } from './local.ts';
import { Scheduler } from './scheduler.ts';
import type { SingingEngine } from './singing/engine.ts';
import { createSingingEngine } from './singing/local.ts';

/** Engines that share the sessions of one host and take turns. */
export interface LocalEngines {
  readonly engine: SpeechEngine;
  readonly singing: SingingEngine;
}

/** The speech and the singing engine of this process. */
export function createLocalEngines(options: LocalEngineOptions): LocalEngines {
  const {
    host,
    models,
    scheduler = new Scheduler({ concurrency: host.batches ? Number.POSITIVE_INFINITY : 1 }),
  } = options;
  return {
    engine: createLocalEngine({ ...options, scheduler }),
    singing: createSingingEngine({ host, models, scheduler }),
  };
}

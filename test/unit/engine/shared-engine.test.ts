import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import type { Speech, SpeechEngine, SpeechRequest } from '../../../src/engine/engine.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost, type ModelHost, type OpenModel } from '../../../src/engine/model-host.ts';
import { type ScheduledWork, Scheduler, type WorkRequest } from '../../../src/engine/scheduler.ts';
import type { Tensors } from '../../../src/inference/backend.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import { deferred } from '../../support/deferred.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

/** Ten sentences, and more characters than an interactive phrase has. */
const LONG = 'One day it rained, and so we all stayed in. '.repeat(10);

let host: ModelHost;
let engine: SpeechEngine;
let scheduler: Scheduler;
/** Names of the requests whose stages have run, in order. */
let order: string[];
const names = new WeakMap<AbortSignal, string>();
/** Blocks the stages of long work until it is resolved. */
let gate: ReturnType<typeof deferred<void>> | undefined;
/** Signals of the requests that have asked for a turn. */
let asked: Set<AbortSignal | undefined>;
/** For each step, how many stages of other requests began while it waited for its turn. */
let waits: { readonly signal: AbortSignal | undefined; readonly stages: number }[];

class NotingScheduler extends Scheduler {
  override enter(request: WorkRequest): ScheduledWork {
    const work = super.enter(request);
    return {
      ...work,
      step: (run) => {
        asked.add(request.signal);
        const before = order.length;
        return work.step(() => {
          waits.push({ signal: request.signal, stages: order.length - before });
          return run();
        });
      },
    };
  }
}

const withRunner = (runnerOf: (runner: StageRunner) => StageRunner) => ({
  ...host,
  open: async (name: string, signal?: AbortSignal): Promise<OpenModel> => {
    const model = await host.open(name, signal);
    return { ...model, runner: runnerOf(model.runner) };
  },
});

beforeAll(async () => {
  const source = memorySource('sori-2', await tinyModel('sori-2', 1));
  host = createModelHost({ loader: createModelLoader({ source }), backend: createNativeBackend() });
});
beforeEach(() => {
  order = [];
  gate = undefined;
  asked = new Set();
  waits = [];
  scheduler = new NotingScheduler();
  const noting = (runner: StageRunner): StageRunner => ({
    async run(stage, inputs, signal) {
      order.push((signal && names.get(signal)) ?? '');
      if (signal && names.get(signal) === 'long') await gate?.promise;
      return await runner.run(stage, inputs, signal);
    },
  });
  engine = createLocalEngine({ host: withRunner(noting), models: ['sori-2'], scheduler });
});

const request = (input: string, changes: Partial<SpeechRequest> = {}): SpeechRequest =>
  plainRequest({
    input,
    speed: 4,
    seed: 7,
    refineSteps: 0,
    ...changes,
  });

async function read({ chunks }: Speech): Promise<void> {
  for await (const _ of chunks);
}

const signalOf = (name: string, controller = new AbortController()) => {
  names.set(controller.signal, name);
  return controller;
};

describe('an engine with concurrent requests', () => {
  it.each<[string, (signal: AbortSignal, client: string) => Promise<unknown>]>([
    ['long speech', async (signal, client) => read(await engine.speak(request(LONG), signal, { client }))],
    ['long captions', (signal, client) => engine.align(request(LONG), signal, { client })],
  ])('speaks a short phrase before the rest of %s', async (_, work) => {
    // Loads the stages first, so that loading is not part of what is measured.
    await read(await engine.speak(request('We stay.')));
    order = [];
    gate = deferred();
    const long = Array.from({ length: 4 }, (_, i) => work(signalOf('long').signal, `client ${i}`));
    while (order.length === 0) await new Promise(setImmediate);
    const { signal } = signalOf('short');
    const short = engine.speak(request('We stay.'), signal, { client: 'me' }).then(read);
    while (!asked.has(signal)) await new Promise(setImmediate);
    gate.resolve();
    await short;
    // One stage was running. Each stage of the phrase waits for at most one stage of other work.
    expect(order.indexOf('short')).toBe(1);
    const waited = waits.filter((step) => step.signal === signal).map(({ stages }) => stages);
    expect(waited.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...waited)).toBeLessThanOrEqual(1);
    const left = order.length;
    await Promise.all(long);
    expect(order.length).toBeGreaterThan(left);
    expect(scheduler.size).toBe(0);
  });

  it('yields to the event loop between two steps, also when stages answer at once', async () => {
    const recorded: Promise<Tensors>[] = [];
    const recording = (runner: StageRunner): StageRunner => ({
      run(...call) {
        const outputs = runner.run(...call);
        // Copies, because the engine frees what it has used.
        recorded.push(outputs.then((tensors) => structuredClone(tensors)));
        return outputs;
      },
    });
    const first = createLocalEngine({ host: withRunner(recording), models: ['sori-2'] });
    await first.align(request(LONG));
    const turnsAt: number[] = [];
    const turns = countTurns();
    let next = 0;
    // Replays the recorded outputs synchronously, because WebAssembly computes before it returns.
    const replaying = (): StageRunner => ({
      run: async () => {
        turnsAt.push(turns.count);
        return (await recorded[next++]) as Tensors;
      },
    });
    const second = createLocalEngine({ host: withRunner(replaying), models: ['sori-2'] });
    await second.align(request(LONG));
    turns.stop();
    expect(turnsAt.length).toBeGreaterThanOrEqual(10);
    expect(new Set(turnsAt).size).toBe(turnsAt.length);
  });

  it('yields to the event loop between the vocoder network and the waveform', async () => {
    const turns = countTurns();
    const filtersAt: number[] = [];
    const noting = (runner: StageRunner): StageRunner => ({
      async run(...call) {
        const outputs = await runner.run(...call);
        if (call[0] === 'vocoder') filtersAt.push(turns.count);
        return outputs;
      },
    });
    // By this clock each step takes so long that a pause is due after it. The steps of so short a phrase may share a turn.
    let clock = 0;
    const slow = new Scheduler({ now: () => (clock += 40) });
    const noted = createLocalEngine({ host: withRunner(noting), models: ['sori-2'], scheduler: slow });
    const { chunks, timings } = await noted.speak(request('We stay.'));
    const waveformAt: number[] = [];
    for await (const _ of chunks) waveformAt.push(turns.count);
    turns.stop();
    expect(filtersAt).toHaveLength(1);
    expect(waveformAt[0]).toBeGreaterThan(filtersAt[0]);
    expect(timings.waveform).toBeGreaterThan(0);
  });

  it('frees the place of a client that disconnects, also while it waits', async () => {
    const client = signalOf('gone');
    const speech = engine.speak(request(LONG), client.signal);
    const waiting = engine.align(request(LONG), client.signal);
    expect(scheduler.size).toBe(2);
    client.abort(new Error('gone'));
    expect(scheduler.size).toBe(0);
    await expect(speech).rejects.toThrow('gone');
    await expect(waiting).rejects.toThrow('gone');
    await read(await engine.speak(request('We stay.')));
    expect(scheduler.size).toBe(0);
  });

  it('frees the place of speech that failed, and of speech that was not read to its end', async () => {
    await expect(engine.speak(request('…'))).rejects.toMatchObject({ code: 'nothing_to_speak' });
    await expect(engine.align(request('…'))).rejects.toMatchObject({ code: 'nothing_to_speak' });
    for await (const _ of (await engine.speak(request(LONG))).chunks) break;
    expect(scheduler.size).toBe(0);
  });

  it('refuses a request that would wait too long before any work', async () => {
    const busy = new Scheduler({ maxWaitMs: { interactive: 0, long: 0 } });
    const full = createLocalEngine({
      host: withRunner((runner) => runner),
      models: ['sori-2'],
      scheduler: busy,
    });
    const place = busy.enter({ characters: 100 });
    await expect(full.speak(request('We stay.'))).rejects.toMatchObject({
      code: 'queue_full',
      retryAfterSeconds: 2,
    });
    place.end();
    await read(await full.speak(request('We stay.')));
  });
});

/** Counts the turns of the event loop until `stop`. */
function countTurns(): { readonly count: number; stop(): void } {
  let count = 0;
  let handle: NodeJS.Immediate;
  const tick = () => {
    count++;
    handle = setImmediate(tick);
  };
  handle = setImmediate(tick);
  return {
    get count() {
      return count;
    },
    stop: () => clearImmediate(handle),
  };
}

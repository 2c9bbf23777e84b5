import { describe, expect, it } from 'vitest';
import { createNodeWasmBackend } from '../../../scripts/lib/wasm-backend.ts';
import { sha256Hex } from '../../../src/base/sha256.ts';
import { createModelHost, type ModelHostOptions } from '../../../src/engine/model-host.ts';
import {
  type GraphSession,
  type InferenceBackend,
  InferenceError,
  type Tensors,
} from '../../../src/inference/backend.ts';
import { decodeKnownAnswers } from '../../../src/shards/known-answer.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import type { Manifest } from '../../../src/shards/manifest.ts';
import { isOnDemand, STAGES, type StageName } from '../../../src/shards/stages.ts';
import { deferred } from '../../support/deferred.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

/** The tiny model has all stages. */
const DEFAULT_PATH = STAGES.filter((stage) => !isOnDemand(stage));

/** A backend that computes nothing. Its log names sessions by the hash of their graph. */
function fakeBackend() {
  const live = new Map<GraphSession, string>();
  const log: string[] = [];
  const state = { live, log, failNext: false, run: async (_: Tensors): Promise<Tensors> => ({}) };
  const backend: InferenceBackend = {
    name: 'fake',
    async createSession({ graph }) {
      if (state.failNext) {
        state.failNext = false;
        throw new InferenceError('The inference runtime does not start: out of memory');
      }
      const hash = await sha256Hex(graph);
      const session: GraphSession = {
        inputNames: [],
        outputNames: [],
        run: async (inputs) => {
          expect(live.has(session)).toBe(true);
          return state.run(inputs);
        },
        release: async () => {
          live.delete(session);
          log.push(`release ${hash}`);
        },
      };
      live.set(session, hash);
      log.push(`create ${hash}`);
      return session;
    },
  };
  return { backend, ...state, state };
}

async function setUp(options: Partial<ModelHostOptions> = {}) {
  const source = memorySource('sori-2', await tinyModel('sori-2', 1));
  for (const [key, bytes] of memorySource('other', await tinyModel('other', 2)).files)
    source.files.set(key, bytes);
  const fake = fakeBackend();
  const loader = createModelLoader({ source, manifestTtlMs: 0 });
  const host = createModelHost({ loader, backend: fake.backend, ...options });
  const { manifest } = await host.open('sori-2');
  const short = new Map(STAGES.map((stage) => [manifest.stages[stage]!.graph.sha256, stage]));
  const log = () =>
    fake.log.map((line) => line.replace(/[0-9a-f]{64}/, (hash) => short.get(hash) ?? 'other'));
  return { source, host, manifest, log, live: fake.live, state: fake.state };
}

function bytesOf({ stages }: Manifest, ...names: StageName[]): number {
  return names.reduce((sum, name) => {
    const { graph, shards } = stages[name]!;
    return shards.reduce((bytes, shard) => bytes + shard.bytes, sum + graph.bytes);
  }, 0);
}

/** The manifest of the tiny model, for budgets. */
const { manifest: sample } = await setUp();
/** Its known answers. */
const answers = decodeKnownAnswers((await tinyModel('sori-2', 1)).get(sample.knownAnswer.file)!);

describe('sessions', () => {
  it('are created once, at the first use of a stage, and count towards the byte budget', async () => {
    const { host, log, manifest } = await setUp();
    const { runner } = await host.open('sori-2');
    expect(host.size).toEqual({ sessions: 0, bytes: 0 });
    await Promise.all(Array.from({ length: 32 }, () => runner.run('prosody', {})));
    await (await host.open('sori-2')).runner.run('prosody', {});
    expect(log()).toEqual(['create prosody']);
    expect(host.size).toEqual({ sessions: 1, bytes: bytesOf(manifest, 'prosody') });
  });

  it('are evicted, least recently used first, to make room', async () => {
    const byteBudget = Math.max(
      bytesOf(sample, 'text_encoder', 'prosody', 'mel_decoder'),
      bytesOf(sample, 'text_encoder', 'vocoder'),
    );
    const { host, log } = await setUp({ byteBudget });
    const { runner } = await host.open('sori-2');
    await runner.run('text_encoder', {});
    await runner.run('prosody', {});
    await runner.run('mel_decoder', {});
    await runner.run('text_encoder', {});
    await runner.run('vocoder', {});
    const lines = log();
    expect(lines.slice(0, 4)).toEqual([
      'create text_encoder',
      'create prosody',
      'create mel_decoder',
      'release prosody',
    ]);
    expect(lines).not.toContain('release text_encoder');
    expect(lines.at(-1)).toBe('create vocoder');
    expect(host.size.bytes).toBeLessThanOrEqual(byteBudget);
  });

  it('are not released while they run, even if the budget is exceeded for a while', async () => {
    const byteBudget = Math.max(bytesOf(sample, 'prosody'), bytesOf(sample, 'vocoder'));
    const { host, log, state } = await setUp({ byteBudget });
    const { runner } = await host.open('sori-2');
    const running = deferred<Tensors>();
    state.run = () => running.promise;
    const first = runner.run('prosody', {});
    await expect.poll(() => log()).toEqual(['create prosody']);
    state.run = async () => ({});
    await runner.run('vocoder', {});
    expect(log()).not.toContain('release prosody');
    running.resolve({});
    await first;
    expect(host.size.bytes).toBeLessThanOrEqual(byteBudget);
    await runner.run('prosody', {});
  });

  it('that are too large are refused before anything is fetched', async () => {
    const { host, log } = await setUp({ byteBudget: 1000 });
    const { runner } = await host.open('sori-2');
    await expect(runner.run('vocoder', {})).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('budget of 1000 bytes'),
    });
    expect(log()).toEqual([]);
  });

  it('are reloaded often in a tight budget, but every run gets its session', async () => {
    const byteBudget = Math.max(...STAGES.map((stage) => bytesOf(sample, stage)));
    const { host } = await setUp({ byteBudget });
    const models = await Promise.all([host.open('sori-2'), host.open('other')]);
    const runs = models.flatMap(({ runner }) =>
      DEFAULT_PATH.flatMap((stage) => [runner.run(stage, {}), runner.run(stage, {})]),
    );
    await Promise.all(runs);
    expect(host.size.bytes).toBeLessThanOrEqual(byteBudget);
  });

  it('are created again after a failure, also when the runtime itself failed to start', async () => {
    const { host, state, log } = await setUp();
    const { runner } = await host.open('sori-2');
    state.failNext = true;
    await expect(runner.run('prosody', {})).rejects.toMatchObject({
      code: 'model_unavailable',
      cause: expect.any(InferenceError),
    });
    expect(host.size).toEqual({ sessions: 0, bytes: 0 });
    await runner.run('prosody', {});
    expect(log()).toEqual(['create prosody']);
  });

  it('are kept when the client that started loading disconnects', async () => {
    const { host, log } = await setUp();
    const { runner } = await host.open('sori-2');
    const client = new AbortController();
    const left = runner.run('prosody', {}, client.signal);
    const stays = runner.run('prosody', {});
    client.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await stays;
    expect(log()).toEqual(['create prosody']);
  });

  it('of all stages can be preloaded', async () => {
    const { host, log } = await setUp();
    const { preload } = await host.open('sori-2');
    await preload(DEFAULT_PATH);
    expect(log().sort()).toEqual(DEFAULT_PATH.map((stage) => `create ${stage}`).sort());
  });

  it('of all stages run concurrently, preloaded or not', async () => {
    const { host, state } = await setUp();
    state.run = async () => answers.style_encoder!.outputs;
    const { runner } = await host.open('sori-2');
    await Promise.all(STAGES.flatMap((stage) => [runner.run(stage, {}), runner.run(stage, {})]));
    expect(host.size.sessions).toBe(DEFAULT_PATH.length);
  });
});

describe('a stage that loads on demand', () => {
  const right = async () => answers.style_encoder!.outputs;

  it('is created at first use, checked once, and released afterwards', async () => {
    const { host, log, state } = await setUp();
    const { runner } = await host.open('sori-2');
    const asked: Tensors[] = [];
    state.run = async (inputs) => {
      asked.push(inputs);
      return right();
    };
    await runner.run('style_encoder', {});
    expect(asked).toEqual([answers.style_encoder!.inputs, {}]);
    await runner.run('style_encoder', {});
    expect(asked.length).toBe(3);
    expect(log()).toEqual([
      'create style_encoder',
      'release style_encoder',
      'create style_encoder',
      'release style_encoder',
    ]);
    expect(host.size).toEqual({ sessions: 0, bytes: 0 });
  });

  it('is one session for concurrent callers, released after the last', async () => {
    const { host, log, state } = await setUp();
    const { runner } = await host.open('sori-2');
    state.run = right;
    const slow = deferred<Tensors>();
    await runner.run('style_encoder', {});
    state.run = () => slow.promise;
    const first = runner.run('style_encoder', {});
    const second = runner.run('style_encoder', {});
    slow.resolve({});
    await Promise.all([first, second]);
    expect(log().slice(2)).toEqual(['create style_encoder', 'release style_encoder']);
  });

  it('stays loaded where the host is configured to keep it', async () => {
    const { host, log, state } = await setUp({ keepOnDemand: true });
    const { runner } = await host.open('sori-2');
    state.run = right;
    await runner.run('style_encoder', {});
    await runner.run('style_encoder', {});
    expect(log()).toEqual(['create style_encoder']);
  });

  it('with a wrong known answer is refused and released, and tried again next time', async () => {
    const { host, log, state } = await setUp();
    const { runner } = await host.open('sori-2');
    await expect(runner.run('style_encoder', {})).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('self-test at stage style_encoder'),
    });
    expect(log()).toEqual(['create style_encoder', 'release style_encoder']);
    expect(host.size.bytes).toBe(0);
    state.run = right;
    await runner.run('style_encoder', {});
  });
});

describe('batched graphs', () => {
  const batching = { maxRows: 8, maxDelayMs: 4 };

  it('replace the stages that have one, give the known answers, and are released with their version', async () => {
    const source = memorySource('sori-2', await tinyModel('sori-2', 1));
    const host = createModelHost({
      loader: createModelLoader({ source }),
      backend: createNodeWasmBackend(),
      batching,
    });
    await host.verify('sori-2');
    expect(host.size.sessions).toBe(DEFAULT_PATH.length);
    const { runner } = await host.open('sori-2');
    const { inputs, outputs } = answers.prosody!;
    const both = await Promise.all([runner.run('prosody', inputs), runner.run('prosody', inputs)]);
    for (const { f0 } of both) expect(f0.dims).toEqual(outputs.f0.dims);
    expect(host.batches?.rows).toBe(2);
  });

  it('with a wrong known answer keep the model from being ready', async () => {
    const { host, state } = await setUp({ batching });
    state.run = async ({ mask }) => {
      const [rows, length] = mask.dims;
      const zeros = (...dims: number[]) =>
        ({ type: 'float32', data: new Float32Array(dims.reduce((a, b) => a * b)), dims }) as const;
      return { hidden: zeros(rows, length, 8), log_durations: zeros(rows, length) };
    };
    await expect(host.verify('sori-2')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringMatching(/self-test at stage text_encoder: output hidden is off/),
    });
  });
});

describe('a new version', () => {
  it('gets its own sessions; the old ones serve running requests and are released when idle', async () => {
    let time = 0;
    const { host, source, log } = await setUp({ now: () => time, retireAfterMs: 1000 });
    const old = await host.open('sori-2');
    await old.preload(['prosody', 'vocoder']);
    for (const [file, bytes] of await tinyModel('sori-2', 2)) source.files.set(`sori-2/${file}`, bytes);
    const next = await host.open('sori-2');
    expect(next).not.toBe(old);
    await next.runner.run('prosody', {});
    await old.runner.run('prosody', {});
    const [one, two, third] = log();
    expect([[one, two].sort(), third]).toEqual([['create prosody', 'create vocoder'], 'create other']);

    time = 999;
    await old.runner.run('vocoder', {});
    time = 1000;
    await host.open('sori-2');
    expect(log().slice(3)).toEqual(['release prosody']);
    time = 1999;
    await host.open('sori-2');
    expect(log().slice(3)).toEqual(['release prosody', 'release vocoder']);
    expect(host.size.sessions).toBe(1);
  });

  it('is not opened again while the manifest is unchanged', async () => {
    const { host } = await setUp();
    expect(await host.open('sori-2')).toBe(await host.open('sori-2'));
  });
});

describe('verify', () => {
  it('fails with the name of a stage that answers wrongly, and tries again next time', async () => {
    const { host } = await setUp();
    const failed = {
      code: 'model_unavailable',
      message: expect.stringContaining('self-test at stage text_encoder'),
    };
    await expect(host.verify('sori-2')).rejects.toMatchObject(failed);
    await expect(host.verify('sori-2')).rejects.toMatchObject(failed);
  });

  it("ends with the signal's reason", async () => {
    const { host } = await setUp();
    await expect(host.verify('sori-2', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

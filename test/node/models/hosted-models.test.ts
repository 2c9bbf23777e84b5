import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deferred, deferred } from '../../../src/base/deferred.ts';
import { HostedModels, type HostedModelsOptions } from '../../../src/models/hosted-models.ts';
import { ModelFault } from '../../../src/models/manifest.ts';
import { ModelStore } from '../../../src/models/store.ts';
import type { SpeechInput } from '../../../src/models/tasks.ts';
import type { ThreadOptions } from '../../../src/models/thread.ts';
import { temporaryFolder, writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';

const INPUT: SpeechInput = {
  text: 'Hi.',
  phonemes: ['^', 'h', 'ˈaɪ', '.', '$'],
  language: 'en',
  voice: { af_low: 1 },
  speed: 1,
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hosted: HostedModels;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await hosted.close();
  await folder[Symbol.asyncDispose]();
});

async function host(
  ids: readonly string[],
  options: Partial<HostedModelsOptions> = {},
): Promise<HostedModels> {
  for (const id of ids) {
    const path = join(folder.path, id);
    const manifest = await writeTinyKokoro(path);
    await writeFile(join(path, 'model.json'), JSON.stringify({ ...manifest, id, memoryBytes: 100 }));
  }
  const graphs = { providers: ['cpu'], threads: 1 };
  hosted = new HostedModels({ store: new ModelStore(folder.path), graphs, memoryBytes: 1000, ...options });
  await hosted.refresh();
  return hosted;
}

const speak = async (models: HostedModels, id: string, signal?: AbortSignal) => {
  for await (const { samples } of models.run(id, 'speech', { ...INPUT }, signal)) return samples.length;
  return 0;
};

/** Threads whose answers the test sends. */
function slowThreads() {
  const opened: string[] = [];
  const closed: string[] = [];
  const gates = new Map<string, Deferred<void>>();
  const deaths = new Map<string, (cause: Error) => void>();
  const open = (async ({ manifest: { id }, onDeath }: ThreadOptions) => {
    opened.push(id);
    deaths.set(id, onDeath!);
    return {
      async *run() {
        const gate = gates.get(id);
        if (gate) await gate.promise;
        yield { samples: new Float32Array(1) };
      },
      async close() {
        closed.push(id);
      },
    };
  }) as unknown as HostedModelsOptions['open'];
  return { open, opened, closed, gates, deaths };
}

describe('hosted models', () => {
  it('loads a model at its first call and keeps it loaded', async () => {
    const models = await host(['a']);
    expect(models.loaded).toEqual([]);
    expect(await speak(models, 'a')).toBeGreaterThan(0);
    expect(models.loaded).toEqual(['a']);
    expect(await speak(models, 'a')).toBeGreaterThan(0);
  });

  it('unloads the least recently used model when memory is short', async () => {
    const { open, opened, closed } = slowThreads();
    const models = await host(['a', 'b', 'c'], { memoryBytes: 200, open });
    await speak(models, 'a');
    await speak(models, 'b');
    await speak(models, 'a');
    await speak(models, 'c');
    expect({ opened, closed }).toEqual({ opened: ['a', 'b', 'c'], closed: ['b'] });
    expect(models.loaded).toEqual(['a', 'c']);
  });

  it('unloads no running model: calls wait until it is done', async () => {
    const threads = slowThreads();
    const models = await host(['a', 'b'], { memoryBytes: 100, open: threads.open });
    const gate = deferred();
    threads.gates.set('a', gate);
    const first = speak(models, 'a');
    const second = speak(models, 'b');
    const abort = new AbortController();
    const third = speak(models, 'b', abort.signal);
    abort.abort(new Error('gone'));
    await expect(third).rejects.toThrow('gone');
    expect(threads.opened).toEqual(['a']);
    gate.resolve();
    expect(await first).toBe(1);
    expect(await second).toBe(1);
    expect(threads.closed).toEqual(['a']);
  });

  it('refuses calls beyond the queue limit, and a model that can never fit', async () => {
    const threads = slowThreads();
    const models = await host(['a', 'b'], { memoryBytes: 100, maxCalls: 2, open: threads.open });
    const gate = deferred();
    threads.gates.set('a', gate);
    const under = [speak(models, 'a'), speak(models, 'a')];
    await expect(speak(models, 'a')).rejects.toMatchObject({ code: 'overloaded' });
    const waiting = [speak(models, 'b'), speak(models, 'b')];
    await expect(speak(models, 'b')).rejects.toMatchObject({ code: 'overloaded' });
    gate.resolve();
    expect(await Promise.all([...under, ...waiting])).toEqual([1, 1, 1, 1]);

    await hosted.close();
    const small = await host(['a'], { memoryBytes: 99 });
    await expect(speak(small, 'a')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: /SORI_MODELS_MEMORY/,
    });
  });

  it('opens a model again whose thread ended', async () => {
    const threads = slowThreads();
    const faults: unknown[] = [];
    const models = await host(['a'], {
      open: threads.open,
      onFault: (id, error) => faults.push([id, error]),
    });
    await speak(models, 'a');
    const cause = new Error('killed');
    threads.deaths.get('a')!(cause);
    expect(models.loaded).toEqual([]);
    expect(await speak(models, 'a')).toBe(1);
    expect(threads.opened).toEqual(['a', 'a']);
    expect(faults).toEqual([['a', cause]]);
  });

  it('reports a model that it cannot load, and tries again', async () => {
    const { open } = slowThreads();
    let broken = true;
    const models = await host(['a'], {
      open: (async (options: ThreadOptions) => {
        if (broken) throw new ModelFault('model.onnx is damaged');
        return await open!(options);
      }) as unknown as HostedModelsOptions['open'],
    });
    await expect(speak(models, 'a')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: /models check a/,
    });
    broken = false;
    expect(await speak(models, 'a')).toBe(1);
  });

  it('lists models by task, and notices added ones', async () => {
    const models = await host(['a']);
    await expect(speak(models, 'whisper-tiny')).rejects.toMatchObject({ code: 'unknown_model' });
    await writeTinyWhisper(join(folder.path, 'whisper-tiny'));
    await models.refresh();
    expect(models.list('transcription').map(({ id }) => id)).toEqual(['whisper-tiny']);
    await expect(speak(models, 'whisper-tiny')).rejects.toMatchObject({
      code: 'unknown_model',
      message: "Model 'whisper-tiny' is for transcription; models for speech: a.",
    });
  });
});

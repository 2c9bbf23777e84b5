import { describe, expect, it } from 'vitest';
import { createModelLoader, type ModelLoaderOptions } from '../../../src/shards/loader.ts';
import type { ReadOptions, ShardSource } from '../../../src/shards/source.ts';
import { countingSource } from '../../support/counting-source.ts';
import { deferred } from '../../support/deferred.ts';
import { memorySource } from '../../support/models/memory-source.ts';
import { tinyModel } from '../../support/models/model-files.ts';

const MANIFEST = 'sori-2/manifest.json';

async function setUp(options: Partial<ModelLoaderOptions> = {}, wrap = (source: ShardSource) => source) {
  const memory = memorySource('sori-2', await tinyModel('sori-2', 1));
  const source = countingSource(wrap(memory));
  return { files: memory.files, source, loader: createModelLoader({ source, ...options }) };
}

const text = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const parsed = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));

/** A source whose reads of shards wait until they are released. It records their signals. */
function gate() {
  const opened = deferred();
  const reached = deferred();
  const signals: AbortSignal[] = [];
  let most = 0;
  let under = 0;
  const wrap = (inner: ShardSource): ShardSource => ({
    name: 'gated',
    async read(key: string, options?: ReadOptions) {
      if (key === MANIFEST) return inner.read(key, options);
      if (options?.signal) signals.push(options.signal);
      most = Math.max(most, ++under);
      reached.resolve();
      await opened.promise;
      under--;
      return inner.read(key, options);
    },
  });
  return { wrap, signals, open: opened.resolve, reached: reached.promise, most: () => most };
}

describe('manifest', () => {
  it('is read again only after its lifetime, and stays the same object while its bytes do', async () => {
    let time = 0;
    const { loader, source, files } = await setUp({ now: () => time, manifestTtlMs: 1000 });
    const first = await loader.manifest('sori-2');
    time = 999;
    expect(await loader.manifest('sori-2')).toBe(first);
    expect(source.count(MANIFEST)).toBe(1);
    time = 1000;
    expect(await loader.manifest('sori-2')).toBe(first);
    expect(source.count(MANIFEST)).toBe(2);

    files.set(MANIFEST, text({ ...parsed(files.get(MANIFEST)), version: '9.9.9' }));
    time = 1999;
    expect((await loader.manifest('sori-2')).version).toBe('0.0.1');
    time = 2000;
    expect((await loader.manifest('sori-2')).version).toBe('9.9.9');
  });

  it('bypasses caches, because its content changes under one name', async () => {
    const { loader, source } = await setUp();
    await loader.manifest('sori-2');
    expect(source.reads).toEqual([{ key: MANIFEST, fresh: true }]);
  });

  it.each([
    ['not JSON', '{"schemaVersion": 2,', 'is not JSON'],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'is not JSON'],
    ['no object', '[]', 'is not valid'],
    ['a newer layout', { schemaVersion: 7 }, 'has layout 7, newer than 3'],
    ['an older layout', { schemaVersion: 1 }, 'is not valid at schemaVersion'],
    ['a field of the wrong kind', { voices: 3 }, 'is not valid at voices'],
    ['a file outside the model', { knownAnswer: { file: '../x.bin' } }, 'is not valid at knownAnswer.file'],
    ["another model's", { name: 'other' }, "is that of 'other'"],
  ])('is refused when it is %s, and read again at the next call', async (_, content, message) => {
    const { loader, files } = await setUp();
    const good = files.get(MANIFEST)!;
    const patched =
      typeof content === 'object' && !(content instanceof Uint8Array) && !Array.isArray(content);
    const bad = patched ? { ...parsed(good), ...(content as object) } : content;
    files.set(MANIFEST, bad instanceof Uint8Array ? bad : text(bad));
    await expect(loader.manifest('sori-2')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining(message),
    });
    files.set(MANIFEST, good);
    expect((await loader.manifest('sori-2')).name).toBe('sori-2');
  });

  it('stays in memory while the source is unreachable, but not after it was removed there', async () => {
    let fails = true;
    const { loader, files } = await setUp({ manifestTtlMs: 0 }, (inner) => ({
      name: 'flaky',
      read: async (key, options) => {
        if (fails) throw new TypeError('fetch failed');
        return inner.read(key, options);
      },
    }));
    await expect(loader.manifest('sori-2')).rejects.toMatchObject({ code: 'model_unavailable' });
    fails = false;
    const manifest = await loader.manifest('sori-2');
    fails = true;
    expect(await loader.manifest('sori-2')).toBe(manifest);
    fails = false;
    files.delete(MANIFEST);
    await expect(loader.manifest('sori-2')).rejects.toMatchObject({ code: 'unknown_model', param: 'model' });
  });
});

describe('stage', () => {
  it('is fetched in parallel, up to a limit', async () => {
    for (const maxParallel of [2, 16]) {
      const held = gate();
      const { loader } = await setUp({ maxParallel }, held.wrap);
      const manifest = await loader.manifest('sori-2');
      const files = 1 + manifest.stages.vocoder.shards.length;
      const loading = loader.stage(manifest, 'vocoder');
      await held.reached;
      held.open();
      const { graph, externalData } = await loading;
      expect(held.most()).toBe(Math.min(maxParallel, files));
      expect(graph.byteLength).toBe(manifest.stages.vocoder.graph.bytes);
      expect(externalData.map(({ path }) => path)).toEqual(
        manifest.stages.vocoder.shards.map(({ file }) => file),
      );
    }
  });

  it('is read once for concurrent callers, and again for later ones', async () => {
    const { loader, source } = await setUp();
    const manifest = await loader.manifest('sori-2');
    const { file } = manifest.stages.prosody.graph;
    const loads = await Promise.all(Array.from({ length: 32 }, () => loader.stage(manifest, 'prosody')));
    expect(new Set(loads).size).toBe(1);
    expect(source.count(`sori-2/${file}`)).toBe(1);
    await loader.stage(manifest, 'prosody');
    expect(source.count(`sori-2/${file}`)).toBe(2);
  });

  it('continues when one of several callers aborts, and stops when all have', async () => {
    const held = gate();
    const { loader, source } = await setUp({}, held.wrap);
    const manifest = await loader.manifest('sori-2');
    const clients = [new AbortController(), new AbortController()];
    const loads = clients.map(({ signal }) => loader.stage(manifest, 'prosody', signal));
    await held.reached;
    clients[0].abort(new Error('first left'));
    await expect(loads[0]).rejects.toThrow('first left');
    expect(held.signals.some(({ aborted }) => aborted)).toBe(false);
    clients[1].abort(new Error('second left'));
    await expect(loads[1]).rejects.toThrow('second left');
    expect(held.signals.every(({ aborted }) => aborted)).toBe(true);

    held.open();
    const reads = source.reads.length;
    await loader.stage(manifest, 'prosody');
    expect(source.reads.length).toBeGreaterThan(reads);
  });

  it('does not start for a caller that has already aborted', async () => {
    const { loader, source } = await setUp();
    const manifest = await loader.manifest('sori-2');
    const reads = source.reads.length;
    await expect(loader.stage(manifest, 'prosody', AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    );
    expect(source.reads.length).toBe(reads);
  });

  it('stops the other reads when one file cannot be read', async () => {
    const held: AbortSignal[] = [];
    const { loader, files } = await setUp({}, (inner) => ({
      name: 'half',
      read: (key, options) => {
        if (!key.endsWith('.bin')) return inner.read(key, options);
        held.push(options!.signal!);
        return new Promise((_, reject) =>
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
        );
      },
    }));
    const manifest = await loader.manifest('sori-2');
    files.delete(`sori-2/${manifest.stages.vocoder.graph.file}`);
    await expect(loader.stage(manifest, 'vocoder')).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(held.length).toBe(manifest.stages.vocoder.shards.length);
    expect(held.every(({ aborted }) => aborted)).toBe(true);
  });

  it('is tried a second time when a read fails', async () => {
    let failures = 1;
    const { loader } = await setUp({}, (inner) => ({
      name: 'flaky',
      read: async (key, options) => {
        if (key.endsWith('.onnx') && failures-- > 0) throw new TypeError('connection reset');
        return inner.read(key, options);
      },
    }));
    const manifest = await loader.manifest('sori-2');
    await loader.stage(manifest, 'vocoder');
    failures = 2;
    await expect(loader.stage(manifest, 'vocoder')).rejects.toMatchObject({
      code: 'model_unavailable',
      cause: expect.objectContaining({ message: 'connection reset' }),
    });
  });

  it('is given up when the source never answers, and can be requested again', async () => {
    let stuck = true;
    const { loader } = await setUp({ timeoutMs: 30 }, (inner) => ({
      name: 'stuck',
      read: (key, options) =>
        stuck && key.endsWith('.onnx') ? new Promise(() => {}) : inner.read(key, options),
    }));
    const manifest = await loader.manifest('sori-2');
    await expect(loader.stage(manifest, 'vocoder')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('took longer than'),
    });
    stuck = false;
    await loader.stage(manifest, 'vocoder');
  });

  it('passes running work to keepAlive', async () => {
    const kept: Promise<unknown>[] = [];
    const { loader } = await setUp({ keepAlive: (work) => kept.push(work) });
    const manifest = await loader.manifest('sori-2');
    await Promise.all([loader.stage(manifest, 'vocoder'), loader.stage(manifest, 'vocoder')]);
    expect(kept.length).toBe(2);
    await Promise.all(kept);
  });
});

describe('file', () => {
  it('is verified like a shard', async () => {
    const { loader, files } = await setUp();
    const manifest = await loader.manifest('sori-2');
    const { knownAnswer } = manifest;
    expect((await loader.file(manifest, knownAnswer)).byteLength).toBe(knownAnswer.bytes);
    files.set(`sori-2/${knownAnswer.file}`, new Uint8Array(knownAnswer.bytes));
    await expect(loader.file(manifest, knownAnswer)).rejects.toMatchObject({ code: 'model_unavailable' });
  });
});

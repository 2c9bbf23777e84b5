import { expect, it, vi } from 'vitest';
import { codecModules } from '#codecs';
import { type CommonExports, sharedCodec } from '../../src/audio/codecs/instance.ts';
import type { createEncoder } from '../../src/audio/encoder.ts';
import { speechLike } from '../contract/audio-signal.ts';

it('shares one instance, even among callers that come while it loads', async () => {
  const load = vi.fn(codecModules.mp3);
  const codec = sharedCodec<CommonExports>(load);
  const [first, second] = await Promise.all([codec(), codec()]);
  expect(first).toBe(second);
  expect(await codec()).toBe(first);
  expect(load).toHaveBeenCalledTimes(1);
});

it('tries again after a failed load', async () => {
  const load = vi.fn(codecModules.mp3).mockRejectedValueOnce(new Error('no network'));
  const codec = sharedCodec<CommonExports>(load);
  await expect(codec()).rejects.toThrow('no network');
  expect((await codec()).allocate(8)).toBeGreaterThan(0);
});

it('makes a new instance after a crash', async () => {
  const codec = sharedCodec<CommonExports>(codecModules.mp3);
  const crashed = await codec();
  const trap = () => crashed.exports.free(0x7fff_fff0);
  expect(() => crashed.guard(trap)).toThrow(WebAssembly.RuntimeError);
  const next = await codec();
  expect(next).not.toBe(crashed);
  expect(next.allocate(8)).toBeGreaterThan(0);
});

it.each(['mp3', 'opus'] as const)(
  '%s: encoders that are finished or given up leave no memory behind',
  async (format) => {
    const memories: WebAssembly.Memory[] = [];
    const { instantiate } = WebAssembly;
    vi.resetModules();
    const spy = vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (
      module: WebAssembly.Module,
      imports,
    ) => {
      const instance = (await instantiate(module, imports)) as unknown as WebAssembly.Instance;
      memories.push(instance.exports.memory as WebAssembly.Memory);
      return instance;
    }) as typeof instantiate);
    try {
      const fresh: { createEncoder: typeof createEncoder } = await import('../../src/audio/encoder.ts');
      const samples = speechLike(600);
      for (let i = 0; i < 800; i++) {
        const encoder = await fresh.createEncoder(format, { totalSamples: 600 });
        encoder.encode(samples);
        if (i % 2) encoder.finish();
        else encoder.close();
      }
      expect(memories).toHaveLength(1);
      // The size that it starts with; 400 lost encoders of 43 KB or more would not fit.
      expect(memories[0].buffer.byteLength).toBe(16 * 2 ** 20);
    } finally {
      spy.mockRestore();
    }
  },
);

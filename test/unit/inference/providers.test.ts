import { describe, expect, it } from 'vitest';
import type { InferenceBackend } from '../../../src/inference/backend.ts';
import { createNodeWasmBackend } from '../../../src/inference/node-wasm.ts';
import { probe } from '../../../src/inference/probe.ts';
import { chooseProvider, DEFAULT_PROVIDERS, type Provider } from '../../../src/inference/providers.ts';

/** A backend that gives the probe's answer, off by `error`, or fails with a message. */
function backend(name: string, { error = 0, fails }: { error?: number; fails?: string } = {}) {
  return {
    name,
    async createSession() {
      if (fails) throw new Error(fails);
      const y = { ...probe.outputs.y, data: probe.outputs.y.data.map((value) => value + error) };
      return {
        inputNames: [],
        outputNames: [],
        run: async () => ({ ...probe.outputs, y }),
        release: async () => {},
      };
    },
  } satisfies InferenceBackend;
}

const choose = (made: Partial<Record<Provider, InferenceBackend>>, check?: () => Promise<void>) => {
  const asked: Provider[] = [];
  const create = (provider: Provider) => {
    asked.push(provider);
    return made[provider] ?? backend(provider, { fails: `no ${provider} here` });
  };
  return { asked, chosen: chooseProvider({ providers: DEFAULT_PROVIDERS, create, check }) };
};

describe('the execution provider', () => {
  it('is the first that works, and the rest is not tried', async () => {
    const { asked, chosen } = choose({ cuda: backend('native-cuda') });
    expect(await chosen).toMatchObject({ name: 'native-cuda', refused: [] });
    expect(asked).toEqual(['cuda']);
  });

  it('is none that answers wrongly', async () => {
    const { chosen } = choose({
      webgpu: backend('native-webgpu', { error: 0.5 }),
      cpu: backend('native-cpu'),
    });
    expect(await chosen).toMatchObject({
      name: 'native-cpu',
      refused: [
        { provider: 'cuda', reason: 'no cuda here' },
        { provider: 'webgpu', reason: expect.stringMatching(/^output y is off by 0\.\d+/) },
      ],
    });
  });

  it('must pass the given check', async () => {
    let checks = 0;
    const { chosen } = choose(
      { cuda: backend('native-cuda'), webgpu: backend('native-webgpu') },
      async () => {
        if (checks++ === 0) throw new Error('sori-2 sounds wrong');
      },
    );
    expect(await chosen).toMatchObject({
      name: 'native-webgpu',
      refused: [{ provider: 'cuda', reason: 'sori-2 sounds wrong' }],
    });
  });

  it('is none where none works, and each failure is a line of the error', async () => {
    const { chosen } = choose({
      cuda: backend('cuda', { fails: 'Library missing: a.so Library missing: a.so' }),
      webgpu: backend('webgpu', { fails: '/src/gpu.cc:136 Init(): adapter was false. No adapter\nstack' }),
    });
    await expect(chosen).rejects.toThrow(
      'No execution provider works here. cuda: Library missing: a.so; webgpu: No adapter; cpu: no cpu here',
    );
  });

  it('runs: the CPU, and WASM when it is requested', async () => {
    expect((await chooseProvider({ providers: ['cpu'], threads: 2 })).name).toBe('native-cpu');
    expect((await chooseProvider({ providers: ['wasm', 'cpu'] })).name).toBe(createNodeWasmBackend().name);
  });
});

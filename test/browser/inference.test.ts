import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNativeBackend } from '../../src/inference/native.ts';
import { INFERENCE_CONTRACT } from '../contract/inference.contract.ts';
import { checkSameStyles, drawStyles } from '../contract/style.contract.ts';
import { memorySource } from '../support/models/memory-source.ts';
import { tinyModel } from '../support/models/model-files.ts';
import { type Opened, openPage } from './chromium.ts';
import type { page as pageApi } from './inference.page.ts';

type Api = typeof pageApi;
type Answer<K extends keyof Api> = Promise<Awaited<ReturnType<Api[K]>>>;
const NO_ADAPTER = /does not support WebGPU|finds no GPU/;

/** Calls a function of the page. */
function call<K extends keyof Api>(opened: Opened, name: K, ...args: Parameters<Api[K]>): Answer<K> {
  const run = ([method, values]: [string, unknown[]]) => {
    const { sori } = globalThis as unknown as { sori: Record<string, (...args: unknown[]) => unknown> };
    return sori[method](...values);
  };
  return opened.page.evaluate(run, [name, args] as [string, unknown[]]) as Answer<K>;
}

describe('web backend in Chromium', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.close());

  describe.each(['webgpu', 'wasm'] as const)('%s preferred', (prefer) => {
    let started: Awaited<Answer<'start'>>;
    beforeAll(async () => {
      started = await call(opened, 'start', prefer, 'tiny');
    });

    it('reports which backend it uses, and why', () => {
      const { name, reason, adapter } = started;
      if (prefer === 'wasm') expect([name, reason]).toEqual(['web-wasm', 'the page selects WASM']);
      else if (adapter) expect([name, reason]).toEqual(['web-webgpu', 'WebGPU passes its check']);
      else expect([name, reason]).toEqual(['web-wasm', expect.stringMatching(NO_ADAPTER)]);
    });

    it.each(INFERENCE_CONTRACT)('$name', ({ name }) => call(opened, 'contract', name));

    it('gives the known answers of the tiny model', () => call(opened, 'model', 'tiny'));

    it('samples the same styles as Node with the tiny model', async () => {
      const source = memorySource('tiny', await tinyModel('tiny', 1));
      const native = await drawStyles(source, 'tiny', createNativeBackend());
      checkSameStyles(await call(opened, 'styles', 'tiny'), native);
    });
  });

  it('uses WASM when WebGPU computes wrong results', async () => {
    const { name, reason, adapter } = await call(opened, 'start', 'webgpu', 'fails');
    expect(name).toBe('web-wasm');
    expect(reason).toMatch(adapter ? 'WebGPU fails its check: wrong on purpose' : NO_ADAPTER);
    await call(opened, 'contract', INFERENCE_CONTRACT[0].name);
  });

  // A GPU's sine and tanh may be too coarse for sori-2's rounding; then WASM is taken, with the stage in the reason.
  it.runIf(existsSync('shards/sori-2/manifest.json'))('gives the known answers of sori-2', async () => {
    const { name, reason } = await call(opened, 'start', 'webgpu', 'sori-2');
    if (name === 'web-wasm') {
      expect(reason).toMatch(
        /fails its check: Model 'sori-2' fails its self-test at stage|does not support WebGPU|finds no GPU/,
      );
    }
    await call(opened, 'model', 'sori-2');
  });
});

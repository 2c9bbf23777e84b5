import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INFERENCE_CONTRACT } from '../contract/inference.contract.ts';
import { type Opened, openPage } from './chromium.ts';
import type { page as pageApi } from './page.ts';

type Api = typeof pageApi;
const hasEmbedded = existsSync('shards/sori-1/manifest.json');

/** Calls a function of the page. */
function call<K extends keyof Api>(
  opened: Opened,
  name: K,
  ...args: Parameters<Api[K]>
): Promise<Awaited<ReturnType<Api[K]>>> {
  const run = ([method, values]: [string, unknown[]]) => {
    const { sori } = globalThis as unknown as { sori: Record<string, (...args: unknown[]) => unknown> };
    return sori[method](...values);
  };
  return opened.page.evaluate(run, [name, args] as [string, unknown[]]) as Promise<
    Awaited<ReturnType<Api[K]>>
  >;
}

describe.each(['webgpu', 'wasm'] as const)('web backend in Chromium, %s preferred', (prefer) => {
  let opened: Opened;
  let started: Awaited<ReturnType<Api['start']>>;
  beforeAll(async () => {
    opened = await openPage();
    started = await call(opened, 'start', prefer, false);
  });
  afterAll(() => opened?.close());

  it('says what it took, and why', () => {
    if (prefer === 'wasm') expect(started).toMatchObject({ name: 'web-wasm', reason: 'WASM was asked for' });
    else if (started.adapter) {
      expect(started).toMatchObject({ name: 'web-webgpu', reason: 'WebGPU gives the known answers' });
    } else
      expect(started).toMatchObject({
        name: 'web-wasm',
        reason: expect.stringMatching(/no WebGPU|no adapter/),
      });
  });

  it.each(INFERENCE_CONTRACT)('$name', ({ name }) => call(opened, 'contract', name));

  it('gives the known answers of the tiny model', () => call(opened, 'model', 'tiny'));

  it.runIf(hasEmbedded)('gives the known answers of sori-1', () => call(opened, 'model', 'sori-1'));
});

it('falls back to WASM when WebGPU answers wrongly', async () => {
  const opened = await openPage();
  try {
    const { name, reason, adapter } = await call(opened, 'start', 'webgpu', true);
    expect(name).toBe('web-wasm');
    expect(reason).toMatch(
      adapter ? 'WebGPU fails its check: output y has shape [undefined]' : /no WebGPU|no adapter/,
    );
    await call(opened, 'contract', INFERENCE_CONTRACT[0].name);
  } finally {
    await opened.close();
  }
});

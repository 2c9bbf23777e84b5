import { expect, it } from 'vitest';
import { InferenceError } from '../../../src/inference/backend.ts';
import { createOrtBackend, type OrtRuntime } from '../../../src/inference/ort.ts';
import { createCallQueue } from '../../../src/inference/queue.ts';

/** A runtime whose sessions answer with what `run` gives. */
function fakeRuntime(run: () => unknown) {
  const given: unknown[] = [];
  class Tensor {
    constructor(...args: unknown[]) {
      given.push(args);
    }
  }
  const session = { inputNames: ['x'], outputNames: ['y'], run: async () => run(), release: async () => {} };
  const runtime = { Tensor, InferenceSession: { create: async () => session } } as unknown as OrtRuntime;
  return { runtime, given };
}

function backendOf(start: () => Promise<OrtRuntime>) {
  return createOrtBackend({ name: 'fake', start, queue: createCallQueue(), sessionOptions: {} });
}

const source = { graph: new Uint8Array(1), externalData: [] };
const output = (data: unknown, type: string) => ({ y: { data, dims: [1], type } });

it('starts the runtime again after a failed start, and only once after a successful one', async () => {
  const { runtime } = fakeRuntime(() => output(Float32Array.of(1), 'float32'));
  let starts = 0;
  const backend = backendOf(async () => {
    if (++starts === 1) throw new RangeError('out of memory');
    return runtime;
  });
  await expect(backend.createSession(source)).rejects.toThrow(
    'The inference runtime does not start: out of memory',
  );
  const sessions = await Promise.all([backend.createSession(source), backend.createSession(source)]);
  expect((await sessions[0].run({})).y.data).toEqual(Float32Array.of(1));
  expect(starts).toBe(2);
});

it('passes tensors both ways, including 64-bit integers', async () => {
  const { runtime, given } = fakeRuntime(() => output(BigInt64Array.of(-1n), 'int64'));
  const session = await backendOf(async () => runtime).createSession(source);
  const ids = BigInt64Array.of(2n ** 40n);
  expect(await session.run({ x: { type: 'int64', data: ids, dims: [1] } })).toEqual({
    y: { type: 'int64', data: BigInt64Array.of(-1n), dims: [1] },
  });
  expect(given).toEqual([['int64', ids, [1]]]);
});

it('wraps everything that the runtime throws in an InferenceError', async () => {
  const thrown: unknown[] = [new Error('bad shape'), 6_291_456, 'text'];
  const { runtime } = fakeRuntime(() => {
    throw thrown[0];
  });
  const session = await backendOf(async () => runtime).createSession(source);
  for (; thrown.length; thrown.shift()) {
    const error = await session.run({}).catch((e) => e);
    expect(error).toBeInstanceOf(InferenceError);
    expect(error.message).toContain(thrown[0] instanceof Error ? 'bad shape' : String(thrown[0]));
    expect(error.cause).toBe(thrown[0]);
  }
});

it('refuses outputs of an unknown type', async () => {
  const { runtime } = fakeRuntime(() => output(Uint8Array.of(1), 'uint8'));
  const session = await backendOf(async () => runtime).createSession(source);
  await expect(session.run({})).rejects.toThrow('Output "y" is of type uint8');
});

import { beforeAll, expect, it, vi } from 'vitest';
import { codecModules } from '#codecs';
import { type CommonExports, sharedCodec } from '../../../src/audio/codecs/instance.ts';
import type * as Encoders from '../../../src/audio/encoders/encoder.ts';
import { importFresh } from '../../support/fresh-modules.ts';
import { encodeAll, speechLike } from './audio-signal.ts';

let createEncoder: typeof Encoders.createEncoder;

beforeAll(async () => {
  // Files that ran before in this process have made the shared instances, whose memory is measured here from the beginning.
  const url = new URL('../../../src/audio/encoders/encoder.ts', import.meta.url);
  ({ createEncoder } = await importFresh<typeof Encoders>(url));
});

it('shares one instance, also among concurrent callers', async () => {
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

/** Memories of the codecs' shared instances, by format. */
const memories = new Map<string, WebAssembly.Memory>();

/** The memory of a format's shared instance, which the first call makes. Call it before any other encoder of the format is made. */
async function memoryOf(format: 'mp3' | 'opus'): Promise<WebAssembly.Memory> {
  const known = memories.get(format);
  if (known) return known;
  const made: WebAssembly.Memory[] = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, [module, imports]) {
      const instance = new target(module, imports);
      made.push(instance.exports.memory as WebAssembly.Memory);
      return instance;
    },
  });
  try {
    (await createEncoder(format, { totalSamples: 600 })).close();
  } finally {
    WebAssembly.Instance = Instance;
  }
  expect(made).toHaveLength(1);
  memories.set(format, made[0]);
  return made[0];
}

/** Memory that a codec may use, in bytes. Encoders that are not freed, of 0.3 to 2 MB each, would soon need more. */
const MOST_MEMORY = 16 * 2 ** 20;

it.each(['mp3', 'opus'] as const)(
  '%s: encoders that are finished or given up leave no memory behind',
  async (format) => {
    const samples = speechLike(600);
    const memory = await memoryOf(format);
    for (let i = 0; i < 800; i++) {
      const encoder = await createEncoder(format, { totalSamples: 600 });
      encoder.encode(samples);
      if (i % 2) encoder.finish();
      else encoder.close();
    }
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(MOST_MEMORY);
  },
);

it.each(['mp3', 'opus'] as const)(
  '%s: many encoders at once need no more memory and answer the same',
  async (format) => {
    const samples = speechLike(6_000);
    const memory = await memoryOf(format);
    const alone = Buffer.from(await encodeAll(samples, format));
    const encoders = await Promise.all(
      Array.from({ length: 64 }, () => createEncoder(format, { totalSamples: samples.length })),
    );
    const answers = encoders.map((): Uint8Array[] => []);
    for (let at = 0; at < samples.length; at += 1_500) {
      encoders.forEach((encoder, i) => {
        answers[i].push(encoder.encode(samples.subarray(at, at + 1_500)));
      });
    }
    encoders.reverse().forEach((encoder, i) => {
      answers[encoders.length - 1 - i].push(encoder.finish());
    });
    for (const answer of answers) expect(Buffer.concat(answer).equals(alone)).toBe(true);
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(MOST_MEMORY);
  },
);

it('mp3: encodes while it waits for its turn once too much is buffered', async () => {
  const totalSamples = 2 ** 17 + 20_000;
  const speech = new Float32Array(totalSamples);
  const others = await Promise.all(
    Array.from({ length: 16 }, () => createEncoder('mp3', { totalSamples: 2_400 })),
  );
  for (const other of others) other.encode(new Float32Array(2_400));
  const encoder = await createEncoder('mp3', { totalSamples });
  const header = encoder.encode(speech.subarray(0, 10_000)).length;
  expect(header).toBe(240);
  expect(encoder.encode(speech.subarray(10_000)).length).toBeGreaterThan(1_000);
  encoder.close();
  for (const other of others) other.close();
  const next = await createEncoder('mp3', { totalSamples: 10_000 });
  expect(next.encode(speech.subarray(0, 10_000)).length).toBeGreaterThan(header);
  next.close();
});

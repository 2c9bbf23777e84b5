import { describe, expect, it, vi } from 'vitest';
import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../../src/inference/known-answer.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { probe } from '../../../src/inference/probe.ts';
import { openStack, type StackSession } from '../../../src/inference/stack/session.ts';
import { decodeKnownAnswers } from '../../../src/shards/known-answer.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';

const loader = createModelLoader({ source: fsSource('shards') });
const manifest = await loader.manifest('sori-2');
/** Answers of the same weights with activations that are not rounded. */
const answers = decodeKnownAnswers(await loader.file(manifest, manifest.batched!.knownAnswer));

async function open(
  stage: 'text_encoder' | 'prosody' | 'mel_decoder' | 'vocoder' | 'style_encoder',
): Promise<StackSession | undefined> {
  return openStack(await loader.stage(manifest, stage));
}

/** Frames [from, to) of what has a time axis. */
function cut(tensors: Tensors, from: number, to: number): Tensors {
  const entries = Object.entries(tensors).map(([name, tensor]): [string, Tensor] => {
    const width = tensor.data.length / tensor.dims[1];
    if (name === 'style' || tensor.type !== 'float32') return [name, tensor];
    const dims = [1, to - from, ...tensor.dims.slice(2)];
    return [name, { type: 'float32', data: tensor.data.slice(from * width, to * width), dims }];
  });
  return Object.fromEntries(entries);
}

/** Inputs repeated over time, so that they are as long as a part of long speech. */
function repeated(tensors: Tensors, times: number): Tensors {
  const entries = Object.entries(tensors).map(([name, tensor]): [string, Tensor] => {
    if (name === 'style' || tensor.type !== 'float32') return [name, tensor];
    const data = Float32Array.from(
      { length: times * tensor.data.length },
      (_, i) => tensor.data[i % tensor.data.length],
    );
    return [name, { type: 'float32', data, dims: [1, times * tensor.dims[1], ...tensor.dims.slice(2)] }];
  });
  return Object.fromEntries(entries);
}

describe('the stack kernel at parts of long speech', () => {
  /** Inputs of a short phrase and of 3 s, from the known answers. */
  const short = answers.vocoder!.inputs;
  const long = repeated(short, Math.ceil(240 / short.mel.dims[1]));

  it('yields to the event loop within a run of the vocoder, but not for a short phrase', async () => {
    const session = (await open('vocoder'))!;
    const immediate = vi.spyOn(globalThis, 'setImmediate');
    await session.run(short);
    expect(immediate).not.toHaveBeenCalled();
    await session.run(long);
    expect(immediate.mock.calls.length).toBe(2);
    immediate.mockRestore();
  });

  it('gives the same when another run starts in the pause, and when the other never continues', async () => {
    const session = (await open('vocoder'))!;
    const alone = await session.run(long);
    const shortAlone = await session.run(short);
    const client = new AbortController();
    const [first, left, second] = await Promise.allSettled([
      session.run(long),
      session.run(long, client.signal).finally(() => undefined),
      session.run(short),
      Promise.resolve().then(() => client.abort(new Error('gone'))),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: alone });
    expect(left).toMatchObject({ status: 'rejected', reason: { message: 'gone' } });
    expect(second).toEqual({ status: 'fulfilled', value: shortAlone });
  });
});

describe.each([
  ['mel_decoder', 15],
  ['vocoder', 25],
] as const)('the stack kernel at sori-2’s %s', (stage, reach) => {
  it('differs from unrounded activations by no more than the self-test allows', async () => {
    const session = (await open(stage))!;
    const { inputs, outputs } = answers[stage]!;
    checkKnownAnswer(await session.run(inputs), outputs);
  });

  it('gives the same bits for a frame, whatever lies beyond its receptive field', async () => {
    const session = (await open(stage))!;
    const { inputs } = answers[stage]!;
    // Long enough for several rounds of the kernel's, and no multiple of four.
    const long = repeated(inputs, 4);
    const whole = cut(await session.run(long), 2 * reach, 2 * reach + 3);
    const part = cut(await session.run(cut(long, reach, 3 * reach + 3)), reach, reach + 3);
    expect(part).toEqual(whole);
  });

  it('refuses to run after its release', async () => {
    const session = (await open(stage))!;
    await session.release();
    await expect(session.run(answers[stage]!.inputs)).rejects.toThrow('released');
    expect(session.memoryBytes).toBe(0);
  });

  it('names a missing input', async () => {
    const session = (await open(stage))!;
    const { f0: _, ...rest } = answers[stage]!.inputs;
    await expect(session.run(rest)).rejects.toThrow('"f0"');
  });
});

describe('the stack kernel at sori-2’s prosody and text encoder', () => {
  it.each(['prosody', 'text_encoder'] as const)(
    'comes as near to unrounded activations as the self-test asks: %s',
    async (stage) => {
      const session = (await open(stage))!;
      const { inputs, outputs } = answers[stage]!;
      checkKnownAnswer(await session.run(inputs), outputs);
    },
  );

  it('throws for a phoneme number outside the table, and works afterwards', async () => {
    const session = (await open('text_encoder'))!;
    const { inputs, outputs } = answers.text_encoder!;
    const { dims } = inputs.phonemes;
    const phonemes: Tensor = { type: 'int64', data: new BigInt64Array(dims[1]).fill(9_999n), dims };
    await expect(session.run({ ...inputs, phonemes })).rejects.toThrow('no row 9999');
    checkKnownAnswer(await session.run(inputs), outputs);
  });

  it('gives a short text the same bits before and after a long one', async () => {
    const session = (await open('text_encoder'))!;
    const { inputs } = answers.text_encoder!;
    const first = await session.run(inputs);
    const ids = inputs.phonemes.data as BigInt64Array;
    const long = BigInt64Array.from({ length: 203 }, (_, i) => ids[i % ids.length]);
    const { log_durations } = await session.run({
      ...inputs,
      phonemes: { type: 'int64', data: long, dims: [1, 203] },
    });
    expect(log_durations.dims).toEqual([1, 203]);
    expect(Math.min(...(log_durations.data as Float32Array))).toBeGreaterThan(0);
    expect(Math.max(...(log_durations.data as Float32Array))).toBeLessThan(6);
    expect(await session.run(inputs)).toEqual(first);
  });
});

describe('the stack kernel at sori-2’s style encoder', async () => {
  const known = decodeKnownAnswers(await loader.file(manifest, manifest.knownAnswer)).style_encoder!;
  /** A mel of so many frames, which repeats that of the known answer. */
  const melOf = (frames: number): Tensor => {
    const { data, dims } = known.inputs.mel;
    const mel = Float32Array.from({ length: frames * dims[2] }, (_, i) => Number(data[i % data.length]));
    return { type: 'float32', data: mel, dims: [1, frames, dims[2]] };
  };

  it('gives the known answer', async () => {
    const session = (await open('style_encoder'))!;
    // Nothing is rounded in this stage.
    checkKnownAnswer(await session.run(known.inputs), known.outputs, 1e-5);
  });

  it('gives for a long recording what onnxruntime gives, in bounded memory', async () => {
    const session = (await open('style_encoder'))!;
    const ort = await createNativeBackend().createSession(await loader.stage(manifest, 'style_encoder'));
    const inputs = { mel: melOf(1_111) };
    checkKnownAnswer(await session.run(inputs), await ort.run(inputs), 1e-5);
    const { memoryBytes } = session;
    await session.run({ mel: melOf(4_800) });
    expect(session.memoryBytes).toBe(memoryBytes);
  });

  it('gives each of several recordings at once its own style', async () => {
    const session = (await open('style_encoder'))!;
    const mels = [300, 901, 520].map(melOf);
    const alone = [];
    for (const mel of mels) alone.push(await session.run({ mel }));
    expect(await Promise.all(mels.map((mel) => session.run({ mel })))).toEqual(alone);
  });

  it('stops between two pieces when the signal aborts', async () => {
    const session = (await open('style_encoder'))!;
    const aborting = new AbortController();
    const run = session.run({ mel: melOf(2_000) }, aborting.signal);
    aborting.abort(new Error('gone'));
    await expect(run).rejects.toThrow('gone');
    checkKnownAnswer(await session.run(known.inputs), known.outputs, 1e-5);
  });
});

describe('the stack kernel refuses', () => {
  it('a graph with other outputs', async () => {
    expect(await openStack(probe.source())).toBeUndefined();
  });

  it('a graph with another number of operations, and a truncated graph', async () => {
    const { graph, externalData } = await loader.stage(manifest, 'vocoder');
    const { graph: other } = await loader.batchedStage(manifest, 'vocoder');
    expect(await openStack({ graph: other, externalData })).toBeUndefined();
    expect(await openStack({ graph: graph.subarray(0, graph.length >> 1), externalData })).toBeUndefined();
  });
});

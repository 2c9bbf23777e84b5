import { describe, expect, it } from 'vitest';
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

/** Inputs of a piece: frames [from, to) of a sequence, and what the piece before left. */
function piece(tensors: Tensors, from: number, to: number, state?: Tensor): Tensors {
  const last = to === tensors.f0.dims[1] ? 1n : 0n;
  return {
    ...cut(tensors, from, to),
    state: state ?? { type: 'float32', data: new Float32Array(), dims: [1, 0] },
    last: { type: 'int64', data: BigInt64Array.of(last), dims: [1] },
  };
}

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

  it('goes on from piece to piece, with the bits of a single run', async () => {
    const session = (await open(stage))!;
    expect(session.streams).toBe(true);
    const long = repeated(answers[stage]!.inputs, 6);
    const total = long.f0.dims[1];
    const whole = await session.run(long);
    let state: Tensor | undefined;
    let given = 0;
    let made = 0;
    // The last piece is shorter than the receptive field.
    for (const end of [2 * reach + 1, 3 * reach, total - reach - 4, total - 2, total]) {
      const { state: next, ...outputs } = await session.run(piece(long, given, end, state));
      given = end;
      const frames = Object.values(outputs)[0].dims[1];
      expect(made + frames).toBe(end === total ? total : end - reach);
      expect(outputs).toEqual(cut(whole, made, made + frames));
      state = next;
      made += frames;
    }
    expect(state).toBeUndefined();
  });

  it('keeps apart sequences whose pieces take turns', async () => {
    const session = (await open(stage))!;
    const { inputs } = answers[stage]!;
    const [one, other] = [repeated(inputs, 3), cut(repeated(inputs, 4), 5, inputs.f0.dims[1] * 3)];
    const middle = 2 * reach + 2;
    const first = await session.run(piece(one, 0, middle));
    const second = await session.run(piece(other, 0, middle));
    const rest = await session.run(piece(one, middle, one.f0.dims[1], first.state));
    const { state: _, ...begun } = first;
    expect(begun).toEqual(cut(await session.run(one), 0, middle - reach));
    expect(rest).toEqual(cut(await session.run(one), middle - reach, one.f0.dims[1]));
    const end = other.f0.dims[1];
    expect(await session.run(piece(other, middle, end, second.state))).toEqual(
      cut(await session.run(other), middle - reach, end),
    );
  });

  it('refuses a state of another network, and a first piece that is too short', async () => {
    const session = (await open(stage))!;
    const { inputs } = answers[stage]!;
    const state: Tensor = { type: 'float32', data: new Float32Array(7), dims: [1, 7] };
    await expect(session.run(piece(inputs, 3, 9, state))).rejects.toThrow('"state" has 7 values');
    await expect(session.run(piece(inputs, 0, 5))).rejects.toThrow('too few frames');
    const { last: _, ...noEnd } = piece(inputs, 0, 60);
    await expect(session.run(noEnd)).rejects.toThrow('"last"');
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

describe.each(['prosody', 'mel_decoder'] as const)('frames of one symbol: %s', (stage) => {
  it('are computed as frames of several symbols with the same values', async () => {
    const session = (await open(stage))!;
    const inputs = repeated(answers[stage]!.inputs, 1);
    const { data, dims } = inputs.frames as { data: Float32Array; dims: readonly number[] };
    const [, count, width] = dims;
    // Each symbol lasts three frames, the last one perhaps fewer.
    for (let t = 0; t < count; t++) {
      data.copyWithin(t * width, (t - (t % 3)) * width, (t - (t % 3) + 1) * width - 3);
    }
    const shared = await session.run(inputs);
    // So small a difference makes each frame a symbol of its own.
    for (let t = 0; t < count; t++) data[t * width] += (t % 3) * 1e-6;
    checkKnownAnswer(await session.run(inputs), shared);
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

/** A zero-shot cloning model with random weights, a few kilobytes. It has the inputs and outputs of a real one; nothing was trained. */
import { DataType } from '../../../scripts/pack/onnx.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import { createRandom } from '../../../src/synthesis/random.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { Graph, writeModel } from './tiny-graph.ts';

const RATE = 22_050;
const HOP = 256;
/** Numbers in an embedding, and in a frame's hidden state. */
const SIZE = 16;
const HIDDEN = 8;
/** Samples of a kernel of the encoder. */
const KERNEL = 256;

/** Faults of a model, for tests of refusals. */
export interface CloningFaults {
  /** Numbers in the synthesizer's embedding, in place of 16. */
  readonly embeddingSize?: number;
  /** A symbol without tokens. */
  readonly without?: string;
  /** Makes the durations one frame longer than the waveform. */
  readonly longDurations?: boolean;
  /** Makes all embeddings 0. */
  readonly silent?: boolean;
}

type Weights = (count: number, scale: number) => number[];

function weightsOf(seed: number): Weights {
  const random = createRandom(seed);
  return (count, scale) => Array.from({ length: count }, () => scale * random.gaussian());
}

/** The mean level of the recording in 16 random filters, without what all of them have in common. */
function encoderGraph(weights: Weights, silent = false): Uint8Array {
  const g = new Graph();
  const kernels = g.floats(weights(SIZE * KERNEL, 1), [SIZE, 1, KERNEL]);
  const row = g.node('Unsqueeze', ['audio', g.ints([1])]);
  const filtered = g.node('Conv', [row, kernels], { kernel_shape: [KERNEL], strides: [KERNEL / 4] });
  const levels = g.node('ReduceMean', [g.node('Abs', [filtered])], { axes: [2], keepdims: 0 });
  const common = g.node('ReduceMean', [levels], { axes: [1], keepdims: 1 });
  const centred = g.node('Sub', [levels, common]);
  const embedding = silent ? g.node('Mul', [centred, g.floats([0], [])]) : centred;
  return g.build({ audio: [1, 'N'] }, { embedding: [embedding, [1, SIZE]] });
}

/** Two to five frames a phoneme, made of its hidden state and the embedding by random matrices. */
function synthesizerGraph(
  weights: Weights,
  { embeddingSize = SIZE, longDurations }: CloningFaults,
): Uint8Array {
  const g = new Graph();
  const usual = g.floats(SYMBOLS.map((_, id) => 2 + ((id * 7) % 4)));
  const counts = g.node('Div', [g.node('Gather', [usual, 'phonemes']), 'speed']);
  const durations = g.node('Max', [g.node('Round', [counts]), g.floats([1])]);
  // The phoneme of a frame is the number of phonemes that end before it.
  const row = g.node('Squeeze', [durations, g.ints([0])]);
  const ends = g.node('CumSum', [row, g.ints([0], [])]);
  const total = g.node('Cast', [g.node('ReduceSum', [row], { keepdims: 0 })], { to: DataType.int64 });
  const frames = g.node('Cast', [g.node('Range', [g.ints([0], []), total, g.ints([1], [])])], {
    to: DataType.float,
  });
  const before = g.node('GreaterOrEqual', [g.node('Unsqueeze', [frames, g.ints([1])]), ends]);
  const index = g.node(
    'Cast',
    [g.node('ReduceSum', [g.node('Cast', [before], { to: DataType.float }), g.ints([1])], { keepdims: 0 })],
    { to: DataType.int64 },
  );
  const table = g.floats(weights(SYMBOLS.length * HIDDEN, 1), [SYMBOLS.length, HIDDEN]);
  const states = g.node('Gather', [
    g.node('Gather', [table, g.node('Squeeze', ['phonemes', g.ints([0])])]),
    index,
  ]);
  const voice = g.node('MatMul', [
    'embedding',
    g.floats(weights(embeddingSize * HIDDEN, 1), [embeddingSize, HIDDEN]),
  ]);
  const hidden = g.node('Tanh', [g.node('Add', [states, voice])]);
  const sound = g.node('Tanh', [
    g.node('MatMul', [hidden, g.floats(weights(HIDDEN * HOP, 0.1), [HIDDEN, HOP])]),
  ]);
  const audio = g.node('Reshape', [sound, g.ints([1, -1])]);
  const reported = longDurations ? g.node('Add', [durations, g.floats([1])]) : durations;
  return g.build(
    { phonemes: [1, 'P'], embedding: [1, embeddingSize], speed: [1] },
    { audio: [audio, [1, 'N']], durations: [reported, [1, 'P']] },
  );
}

/** Writes the model folder. */
export async function writeTinyCloning(
  folder: string,
  faults: CloningFaults = {},
  id = 'cloning-tiny',
): Promise<ModelManifest> {
  const symbols = SYMBOLS.map((symbol, token) => [symbol, [token]] as const);
  const table = Object.fromEntries(symbols.filter(([symbol]) => symbol !== faults.without));
  return await writeModel(
    folder,
    {
      schemaVersion: 1,
      id,
      version: '1.0',
      task: 'speech-cloning',
      driver: 'zero-shot',
      created: 1_735_689_600,
      licence: 'CC0-1.0',
      attributions: ['Random weights, made by a test.'],
      languages: ['en'],
      sampleRate: RATE,
      voices: [],
      settings: {
        encoder: 'encoder.onnx',
        synthesizer: 'synthesizer.onnx',
        symbols: 'symbols.json',
        embeddingSize: SIZE,
        hop: HOP,
        threshold: 0.8,
      },
    },
    {
      'encoder.onnx': encoderGraph(weightsOf(1), faults.silent),
      'synthesizer.onnx': synthesizerGraph(weightsOf(2), faults),
      'symbols.json': new TextEncoder().encode(JSON.stringify(table)),
    },
  );
}

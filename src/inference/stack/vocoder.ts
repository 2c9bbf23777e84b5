import type { Tensor, Tensors } from '../backend.ts';
import type { Graph } from './graph.ts';
import { type Network, REACH, type StackRun } from './network.ts';
import { blockStateSize, partsOf, pieceOf, pieceRows, runPiece, stateOf } from './piece.ts';
import { Finder, floatsOf, NotAStack } from './recognize.ts';

/** Taps of the first convolution. */
const TAPS = 3;
/** Bounds of the graph's `Clip`s. */
const HARMONIC = [-12, 6] as const;
const NOISE = [-14, 4] as const;

/**
 * The vocoder's graph: a convolution of mel, F0 and voicing, blocks, and linear heads.
 * @throws {NotAStack}
 */
export function vocoder(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const count = graph.nodes.filter(({ op }) => op === 'FastGelu').length;
  find.expectCounts({
    Conv: count + 1,
    LayerNormalization: count + 1,
    'MatMul|MatMulInteger': 2 * count + 3,
    Clip: 3,
    Split: 1,
    Log: 1,
  });
  const scaled = find.reader('mel', 'Mul');
  const shifted = find.reader(scaled.outputs[0], 'Add');
  const clip = find.reader('f0', 'Clip');
  const lowest = floatsOf(find.constant(clip.inputs[1]))[0];
  const log = find.reader(clip.outputs[0], 'Log');
  const pitchShift = find.scalar(find.reader(log.outputs[0], 'Sub'), log.outputs[0]);
  const [melScale, melShift] = [find.scalar(scaled, 'mel'), find.scalar(shifted, scaled.outputs[0])];
  const inputs = find.product('/first/MatMul_output_0');
  const out = find.product('/out/MatMul_output_0');
  const width = inputs.weight.dims[0] / TAPS;
  const bands = width - 2;
  const bins = out.weight.dims[1] / 4;
  // The graph lays the three frames of each channel side by side. Here frames lie one after the other, so that a product reads three of
  // them as one row, where they are.
  const step = Math.ceil(width / 4) * 4;
  const reorder = (weights: Float32Array, columns: number) => {
    const ordered = new Float32Array(TAPS * step * columns);
    for (let c = 0; c < width; c++) {
      for (let tap = 0; tap < TAPS; tap++) {
        const row = weights.subarray((c * TAPS + tap) * columns, (c * TAPS + tap + 1) * columns);
        ordered.set(row, (tap * step + c) * columns);
      }
    }
    return ordered;
  };
  const first = network.matrix32(inputs, { reorder });
  const channels = first.columns;
  const blocks = network.blocks(find.blocks(count, 'net.'));
  const norm = network.norm(find.norm('net.norm', '/norm'));
  const heads = [0, 1, 2, 3].map((part) => network.matrix8(out, part * bins, bins));
  const modulation = network.matrix8(find.product('/modulation/MatMul_output_0'));
  if (heads[0].rows !== channels || graph.outputs.length !== 5) throw new NotAStack('heads');

  /** Frames at the end of a piece whose result comes with the next. */
  const ahead = (TAPS >> 1) + REACH * count;
  const parts = [ahead, (TAPS - 1) * step, blockStateSize(blocks, channels)];

  return (inputs: Tensors): Tensors => {
    const { mel, f0, voicing } = inputs;
    const piece = pieceOf(inputs);
    const [voicedBefore, inputsBefore, state] = partsOf(piece, parts);
    const frames = mel.dims[1];
    // Frames of zeros lie before the first and after the last frame; a later piece begins with the last input rows of the one before.
    const before = inputsBefore.length > 0 ? TAPS - 1 : TAPS >> 1;
    const rows = before + frames + (piece.last ? TAPS >> 1 : 0);
    // And those that the kernel reads after the last ones.
    const padded = network.floats((rows + 2 * TAPS) * step);
    const convolved = Math.max(0, rows - TAPS + 1);
    const activations = pieceRows(network, convolved, blocks, channels);
    const given = network.view(padded, (rows + 2 * TAPS) * step).fill(0);
    given.set(inputsBefore);
    const voiced = (voicing.data as Float32Array).map((probability) => (probability > 0.5 ? 1 : 0));
    const [mels, hertz] = [mel.data, f0.data] as Float32Array[];
    for (let t = 0; t < frames; t++) {
      const at = (before + t) * step;
      for (let b = 0; b < bands; b++) given[at + b] = mels[t * bands + b] * melScale + melShift;
      given[at + bands] = Math.log(Math.max(hertz[t], lowest)) - pitchShift;
      given[at + bands + 1] = voiced[t];
    }
    const inputsKept = piece.last ? undefined : given.slice((rows - TAPS + 1) * step, rows * step);
    network.product32(padded, convolved, step, first, activations.x, channels);
    const done = runPiece(network, blocks, activations, { count: convolved, channels }, { ...piece, state });
    const { x, other: hidden, count: made } = done;
    network.normalize(norm, x, made, hidden);
    // Twice, the second time for the rounding error of the first: there is no residual here that would compensate for it. Noise needs it once.
    const rounded = [network.round(hidden, made, channels), network.round(hidden, made, channels)];
    const tensor = (data: Float32Array): Tensor => ({
      type: 'float32',
      data,
      dims: [1, made, data.length / made],
    });
    const depth = network.product8(rounded, made, modulation);
    const voicedHere = Float32Array.of(...voicedBefore, ...voiced);
    for (let t = 0; t < made; t++) {
      if (!voicedHere[t]) depth.fill(0, t * modulation.columns, (t + 1) * modulation.columns);
    }
    const outputs = {
      harmonic: tensor(network.product8(rounded, made, heads[0], ...HARMONIC)),
      noise: tensor(network.product8(rounded.slice(0, 1), made, heads[1], ...NOISE)),
      real: tensor(network.product8(rounded, made, heads[2])),
      imaginary: tensor(network.product8(rounded, made, heads[3])),
      modulation: tensor(depth),
    };
    if (!inputsKept) return outputs;
    return { ...outputs, state: stateOf(voicedHere.slice(-ahead), inputsKept, done.state) };
  };
}

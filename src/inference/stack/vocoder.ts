import type { Tensor, Tensors } from '../backend.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { pauseRun } from './pause.ts';
import { Finder, floatsOf, NotAStack } from './recognize.ts';

/** Taps of the first convolution. */
const TAPS = 3;
/** Bounds of the graph's `Clip`s. */
const HARMONIC = [-12, 6] as const;
const NOISE = [-14, 4] as const;
/** Most frames that run in one turn of the event loop: a short phrase. More frames are parts of long speech, where others wait. */
const AT_ONCE = 192;
/** Blocks in a turn of more frames: more than a third of the work, some 10 ms. The heads take a turn of their own. */
const BLOCKS_IN_A_TURN = 4;

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

  return async ({ mel, f0, voicing }: Tensors, signal): Promise<Tensors> => {
    const frames = mel.dims[1];
    const mark = network.mark();
    const inTurns = frames > AT_ONCE;
    // A frame of zeros before and after, and those that the kernel reads after the last ones.
    const padded = network.floats((frames + 2 + 2 * TAPS) * step);
    const activations = network.activations(frames, channels);
    const given = network.view(padded, (frames + 2 + 2 * TAPS) * step).fill(0);
    const voiced = (voicing.data as Float32Array).map((probability) => (probability > 0.5 ? 1 : 0));
    const [mels, hertz] = [mel.data, f0.data] as Float32Array[];
    for (let t = 0; t < frames; t++) {
      const at = (t + 1) * step;
      for (let b = 0; b < bands; b++) given[at + b] = mels[t * bands + b] * melScale + melShift;
      given[at + bands] = Math.log(Math.max(hertz[t], lowest)) - pitchShift;
      given[at + bands + 1] = voiced[t];
    }
    network.product32(padded, frames, step, first, activations.x, channels);
    const together = inTurns ? BLOCKS_IN_A_TURN : count;
    let rows = activations;
    for (let from = 0; from < count; from += together) {
      rows = network.run(blocks.slice(from, from + together), rows, frames, channels);
      if (inTurns) rows = await pauseRun(network, rows, { frames, channels, mark, signal });
    }
    const { x, other: hidden } = rows;
    network.normalize(norm, x, frames, hidden);
    // Twice, the second time for the rounding error of the first: there is no residual here that would compensate for it.
    const rounded = [network.round(hidden, frames, channels), network.round(hidden, frames, channels)];
    const tensor = (data: Float32Array): Tensor => ({
      type: 'float32',
      data,
      dims: [1, frames, data.length / frames],
    });
    const depth = network.product8(rounded, frames, modulation);
    for (let t = 0; t < frames; t++) {
      if (!voiced[t]) depth.fill(0, t * modulation.columns, (t + 1) * modulation.columns);
    }
    return {
      harmonic: tensor(network.product8(rounded, frames, heads[0], ...HARMONIC)),
      noise: tensor(network.product8(rounded, frames, heads[1], ...NOISE)),
      real: tensor(network.product8(rounded, frames, heads[2])),
      imaginary: tensor(network.product8(rounded, frames, heads[3])),
      modulation: tensor(depth),
    };
  };
}

import { nextTurn } from '../../base/turns.ts';
import type { Tensors } from '../backend.ts';
import { exponential } from './functions.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { Finder, floatsOf, NotAStack } from './recognize.ts';

/** Frames that are computed without a pause, which takes some 20 ms. */
const PIECE = 256;

/**
 * The style encoder's graph: blocks over a mel, mean and spread of their channels over time, each head's by weights of its own, and two linear
 * layers. @throws {NotAStack}
 */
export function styleEncoder(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const count = graph.nodes.filter(({ op }) => op === 'Conv').length;
  find.expectCounts({
    Erf: count + 1,
    LayerNormalization: count + 1,
    MatMul: 2 * count + 2,
    Gemm: 2,
    Softmax: 1,
    ReduceSum: 2,
    Sqrt: 1,
    Clip: 2,
  });
  const clip = find.reader('mel', 'Clip');
  const shifted = find.reader(clip.outputs[0], 'Sub');
  const floor = floatsOf(find.constant(clip.inputs[1]))[0];
  const mean = find.scalar(shifted, clip.outputs[0]);
  const scale = find.scalar(find.reader(shifted.outputs[0], 'Mul'), shifted.outputs[0]);
  const first = network.matrix32(find.product('/inp/MatMul_output_0'));
  const channels = first.columns;
  const weights = find.blocks(count);
  const blocks = network.blocks(weights, true);
  const norm = network.norm(find.norm('norm', '/norm'));
  const gate = network.matrix32(find.product('/gate/MatMul_output_0'));
  const heads = gate.columns;
  const least = floatsOf(
    find.constant(find.maker(find.maker(['/Sqrt_output_0'], 'Sqrt').inputs, 'Clip').inputs[1]),
  )[0];
  const hidden = network.matrix32(find.product('/hidden/Gemm_output_0'));
  const out = network.matrix32(find.product('style'));
  if (channels % heads || hidden.rows !== 2 * channels || hidden.columns % 4) throw new NotAStack('heads');
  /** Frames to each side that a frame's result depends on. */
  const reach = weights.reduce((sum, { mix, dilation }) => sum + (mix.dims[2] >> 1) * dilation, 0);

  /** Normed rows of frames [from, to), and the logarithms of their weights. */
  function rowsOf(mel: Float32Array, frames: number, from: number, to: number) {
    const mark = network.mark();
    const begin = Math.max(0, from - reach);
    const length = Math.min(frames, to + reach) - begin;
    const given = network.rows(length, first.rows);
    const activations = network.activations(length, channels);
    const values = network.view(given, length * first.rows);
    for (let i = 0; i < values.length; i++) {
      values[i] = (Math.max(mel[begin * first.rows + i], floor) - mean) * scale;
    }
    network.product32(given, length, first.rows, first, activations.x, channels);
    const { x, other } = network.run(blocks, activations, length, channels);
    network.normalize(norm, x, length, other);
    const logits = network.floats(length * heads);
    network.product32(other, length, channels, gate, logits, heads);
    const kept = (at: number, width: number) =>
      network.view(at + 4 * (from - begin) * width, (to - from) * width).slice();
    const result = { rows: kept(other, channels), logits: kept(logits, heads) };
    network.rewind(mark);
    return result;
  }

  return async ({ mel }: Tensors, signal): Promise<Tensors> => {
    const frames = mel.dims[1];
    const rows = new Float32Array(frames * channels);
    const logits = new Float32Array(frames * heads);
    for (let from = 0; from < frames; from += PIECE) {
      if (from > 0) await nextTurn();
      signal?.throwIfAborted();
      const piece = rowsOf(mel.data as Float32Array, frames, from, Math.min(frames, from + PIECE));
      rows.set(piece.rows, from * channels);
      logits.set(piece.logits, from * heads);
    }
    const mark = network.mark();
    const pooled = network.rows(1, 2 * channels);
    network.view(pooled, 2 * channels).set(pool(rows, logits, channels, heads, least));
    const [wide, style] = [network.rows(1, hidden.columns), network.floats(out.columns)];
    network.product32(pooled, 1, hidden.rows, hidden, wide, hidden.columns);
    network.exactGelu(wide, hidden.columns);
    network.product32(wide, 1, out.rows, out, style, out.columns);
    const data = network.view(style, out.columns).slice();
    network.rewind(mark);
    return { style: { type: 'float32', data, dims: [1, out.columns] } };
  };
}

/**
 * Weighted mean and standard deviation over time of each channel.
 * @param rows [T, channels].
 * @param logits [T, heads] logarithms of the weights, but for a factor; each head is for an equal part of the channels.
 * @returns for each head the means of its channels and then their deviations.
 */
function pool(
  rows: Float32Array,
  logits: Float32Array,
  channels: number,
  heads: number,
  least: number,
): Float32Array {
  const size = channels / heads;
  const pooled = new Float32Array(2 * channels);
  for (let head = 0; head < heads; head++) {
    const own = logits.filter((_, i) => i % heads === head);
    const highest = own.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const weights = Float64Array.from(own, (logit) => exponential(Math.max(-80, logit - highest)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let c = 0; c < size; c++) {
      const column = head * size + c;
      let mean = 0;
      for (const [t, weight] of weights.entries()) mean += weight * rows[t * channels + column];
      mean /= total;
      let square = 0;
      for (const [t, weight] of weights.entries())
        square += weight * (rows[t * channels + column] - mean) ** 2;
      pooled[2 * head * size + c] = mean;
      pooled[(2 * head + 1) * size + c] = Math.sqrt(Math.max(least, square / total));
    }
  }
  return pooled;
}

import { InferenceError, type Tensors } from '../backend.ts';
import { embedding, rowOf } from './embedding.ts';
import { logarithm } from './functions.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { Finder, floatsOf, NotAStack } from './recognize.ts';

/**
 * The style denoiser's graph: residual blocks of a layer norm and two linear layers over one vector for each row, preconditioned as in EDM
 * (Karras et al. 2022, table 1). It moves the prosodic half of a style; the acoustic half of its answer is the reference's.
 * @throws {NotAStack}
 */
export function styleDenoiser(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const count = graph.nodes.filter(({ op }) => op === 'Erf').length;
  find.expectCounts({
    LayerNormalization: count + 1,
    Gemm: 2 * count + 2,
    MatMul: 1,
    Gather: 1,
    ReduceMean: 1,
    Log: 2,
    Sqrt: 1,
    Concat: 3,
  });
  const linear = (path: string) => network.matrix32(find.product(`${path}/Gemm_output_0`));
  const norm = (path: string) => {
    const { inputs } = find.maker([`${path}/LayerNormalization_output_0`], 'LayerNormalization');
    return network.norm({ gain: find.constant(inputs[1]), bias: find.constant(inputs[2]) });
  };
  const symbols = embedding(find.constant(find.reader('phonemes', 'Gather').inputs[0]));
  const usualLength = find.scalar(find.reader('/Log_output_0', 'Sub'), '/Log_output_0');
  const noiseScale = find.scalar(find.reader('/Log_1_output_0', 'Mul'), '/Log_1_output_0');
  const emotions = embedding(find.beside(find.reader('emotion', 'MatMul'), 'emotion'));
  const spread = floatsOf(find.constant('spread'));
  const squares = spread.map((value) => value * value);
  const first = linear('/inp');
  const blocks = Array.from({ length: count }, (_, n) => ({
    norm: norm(`/blocks.${n}/norm`),
    up: linear(`/blocks.${n}/up`),
    down: linear(`/blocks.${n}/down`),
  }));
  const lastNorm = norm('/norm');
  const out = linear('/out');
  const channels = first.columns;
  const half = out.columns;
  const size = 2 * half;
  const width = half + 1 + size + symbols.columns + 1 + emotions.columns;
  const fits = blocks.every(({ up, down }) => up.columns % 4 === 0 && down.rows === up.columns);
  if (spread.length !== half || first.rows !== width || channels % 4 || !fits) throw new NotAStack('sizes');

  /** Mean of the symbols' vectors, and the logarithm of their number less that of a usual text. */
  function textOf(ids: BigInt64Array): Float64Array {
    const sum = new Float64Array(symbols.columns + 1);
    for (const id of ids) {
      for (const [i, value] of rowOf(symbols, Number(id), 'phonemes').entries()) sum[i] += value / ids.length;
    }
    sum[symbols.columns] = logarithm(ids.length) - usualLength;
    return sum;
  }

  return ({ x, sigma, phonemes, reference, emotion, given }: Tensors): Tensors => {
    const [rows, length] = x.dims;
    if (length !== size || emotion.dims[1] !== emotions.rows)
      throw new InferenceError(`Input "x" must have ${size} columns, and "emotion" ${emotions.rows}`);
    const [points, noises, own, feelings, is] = [x, sigma, reference, emotion, given].map(
      ({ data }) => data as Float32Array,
    );
    const text = textOf(phonemes.data as BigInt64Array);
    const from = network.rows(rows, width);
    const [h, other] = [network.rows(rows, channels), network.rows(rows, channels)];
    const wide = blocks.map(({ up }) => network.rows(rows, up.columns));
    const result = network.floats(rows * half);

    const values = network.view(from, rows * width);
    for (let row = 0; row < rows; row++) {
      const noise = noises[row];
      const vector = values.subarray(row * width, (row + 1) * width);
      const [ofText, ofEmotion] = is.subarray(2 * row, 2 * row + 2);
      for (let i = 0; i < half; i++) {
        const at = row * size + half + i;
        vector[i] = (points[at] - own[at]) / Math.sqrt(noise * noise + squares[i]);
      }
      vector[half] = logarithm(noise) * noiseScale;
      vector.set(own.subarray(row * size, (row + 1) * size), half + 1);
      vector.set(
        text.map((value) => value * ofText),
        half + 1 + size,
      );
      const felt = vector.subarray(width - emotions.columns).fill(0);
      for (let e = 0; e < emotions.rows; e++) {
        const share = feelings[row * emotions.rows + e] * ofEmotion;
        for (let i = 0; i < felt.length; i++) felt[i] += share * emotions.values[e * felt.length + i];
      }
    }

    network.product32(from, rows, width, first, h, channels);
    for (const [n, block] of blocks.entries()) {
      network.normalize(block.norm, h, rows, other);
      network.product32(other, rows, channels, block.up, wide[n], block.up.columns);
      network.exactGelu(wide[n], rows * block.up.columns);
      network.product32(wide[n], rows, block.up.columns, block.down, other, channels);
      const [sum, more] = [h, other].map((at) => network.view(at, rows * channels));
      for (let i = 0; i < sum.length; i++) sum[i] += more[i];
    }
    network.normalize(lastNorm, h, rows, other);
    network.product32(other, rows, channels, out, result, half);

    const moves = network.view(result, rows * half);
    const data = own.slice();
    for (let row = 0; row < rows; row++) {
      const noise = noises[row];
      for (let i = 0; i < half; i++) {
        const at = row * size + half + i;
        const total = noise * noise + squares[i];
        const skip = squares[i] / total;
        const scale = (noise * spread[i]) / Math.sqrt(total);
        data[at] = own[at] + skip * (points[at] - own[at]) + scale * moves[row * half + i];
      }
    }
    return { denoised: { type: 'float32', data, dims: [rows, size] } };
  };
}

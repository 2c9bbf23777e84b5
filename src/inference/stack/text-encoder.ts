import type { Tensor, Tensors } from '../backend.ts';
import { embedding, rowOf } from './embedding.ts';
import { softplus } from './functions.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { Finder } from './recognize.ts';

/**
 * The text encoder's graph: blocks and self-attentions in turn over the phonemes. One branch gives the sounds, a longer one the tune and,
 * from there on, the durations.
 * @throws {NotAStack}
 */
export function textEncoder(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const [blocks, tune, duration] = ['blocks', 'tune', 'duration'].map((name) =>
    network.blocks(find.blocks(countOf(graph, `${name}.`, '.mix.weight'), '', name)),
  );
  const [attention, tuneAttention] = ['attention', 'tune_attention'].map((name) =>
    find
      .attentions(countOf(graph, `${name}.`, '.norm.weight'), name)
      .map((weights) => network.attention(weights)),
  );
  const convolutions = blocks.length + tune.length + duration.length;
  const attentions = attention.length + tuneAttention.length;
  find.expectCounts({
    FastGelu: convolutions,
    Conv: convolutions,
    LayerNormalization: convolutions + attentions + 2,
    'MatMul|MatMulInteger|Gemm': 3 * convolutions + 4 * attentions + 5,
    Softmax: attentions,
    Softplus: 1,
  });
  const contentNorm = network.norm(find.norm('content', '/content'));
  const content = network.matrix32(find.product('/content_out/MatMul_output_0'));
  const tuneNorm = network.norm(find.norm('tune_norm', '/tune_norm'));
  const tuneOut = network.matrix32(find.product('/tune_out/MatMul_output_0'));
  const durationOut = network.matrix32(find.product('/duration_out/MatMul_output_0'));
  const symbols = embedding(find.constant(find.reader('phonemes', 'Gather').inputs[0]));
  const languages = embedding(find.constant(find.reader('language', 'Gather').inputs[0]));
  // ln frames = output of the network + rate; for symbols of pauses, + pauses instead of rate.
  const pauseSymbols = find.integer(find.reader('phonemes', 'Less'), 'phonemes');
  const sum = find.maker(find.maker(['log_durations'], 'Softplus').inputs, 'Add');
  const difference = find.maker(find.maker(sum.inputs, 'Mul').inputs, 'Sub');
  const pausesAt = find.placeInStyle([difference.inputs[0]]);
  const rateAt = find.placeInStyle([difference.inputs[1]]);
  const channels = symbols.columns;
  const width = content.columns + tuneOut.columns;

  return ({ phonemes, language, style }: Tensors): Tensors => {
    const ids = Array.from(phonemes.data as BigInt64Array, Number);
    const count = ids.length;
    const styles = style.data as Float32Array;
    const spoken = rowOf(languages, Number(language.data[0]), 'language');
    // The norms follow the second half of the style.
    const half = styles.subarray(styles.length - (contentNorm.affine?.rows ?? 0));
    let rows = network.activations(count, channels);
    const hidden = network.floats(count * width);
    const lengths = network.floats(count * durationOut.columns);
    const given = network.view(rows.x, count * channels);
    for (const [p, id] of ids.entries()) {
      const symbol = rowOf(symbols, id, 'phonemes');
      for (let c = 0; c < channels; c++) given[p * channels + c] = symbol[c] + spoken[c];
    }
    for (const [n, block] of blocks.entries()) {
      rows = network.run([block], rows, count, channels, half);
      if (n % 2 === 1) network.attend(attention[n >> 1], rows, count);
    }
    network.normalize(contentNorm, rows.x, count, rows.other, half);
    network.product32(rows.other, count, channels, content, hidden, width);
    for (const [n, block] of tune.entries()) {
      rows = network.run([block], rows, count, channels, half);
      network.attend(tuneAttention[n], rows, count);
    }
    network.normalize(tuneNorm, rows.x, count, rows.other, half);
    // The rows of the norm are the input of the duration blocks.
    rows = { x: rows.other, other: rows.x };
    network.product32(rows.x, count, channels, tuneOut, hidden + 4 * content.columns, width);
    rows = network.run(duration, rows, count, channels, half);
    network.product32(rows.x, count, channels, durationOut, lengths, durationOut.columns);
    const logarithms = network.view(lengths, count * durationOut.columns);
    const [rate, pauses] = [styles[rateAt], styles[pausesAt]];
    const durations = Float32Array.from(ids, (id, p) =>
      softplus(logarithms[p * durationOut.columns] + (id < pauseSymbols ? pauses : rate)),
    );
    return {
      hidden: tensor(network.view(hidden, count * width).slice(), [1, count, width]),
      log_durations: tensor(durations, [1, count]),
    };
  };
}

function countOf(graph: Graph, prefix: string, suffix: string): number {
  return [...graph.constants.keys()].filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    .length;
}

function tensor(data: Float32Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data, dims };
}

import type { Tensor, Tensors } from '../backend.ts';
import { frameLayer } from './frame-layer.ts';
import { cosine } from './functions.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { blockStateSize, partsOf, pieceOf, pieceRows, runPiece, stateOf } from './piece.ts';
import { Finder, floatsOf } from './recognize.ts';

/** The mel decoder's graph: frames, curves and a comb of F0, blocks whose norms follow the style, and a linear head. @throws {NotAStack} */
export function melDecoder(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const count = graph.nodes.filter(({ op }) => op === 'FastGelu').length;
  find.expectCounts({
    Conv: count,
    LayerNormalization: count + 1,
    'MatMul|MatMulInteger|Gemm': 3 * count + 2,
    Clip: 1,
    Log: 1,
    Cos: 1,
  });
  const clip = find.reader('f0', 'Clip');
  const lowest = floatsOf(find.constant(clip.inputs[1]))[0];
  const column = find.reader(clip.outputs[0], 'Unsqueeze').outputs[0];
  const ratio = find.reader(column, 'Mul');
  const perHertz = find.scalar(ratio, column);
  const log = find.reader(ratio.outputs[0], 'Log').outputs[0];
  const octaves = find.scalar(find.reader(log, 'Mul'), log);
  const centres = floatsOf(find.beside(find.reader(column, 'Div'), column));
  const first = frameLayer(network, find.product('/inp/MatMul_output_0'), 3 + centres.length);
  const { channels } = first;
  const blocks = network.blocks(find.blocks(count));
  const norm = network.norm(find.norm('norm', '/norm'));
  // The mel's own scale and mean are part of the head.
  const head = find.product('/out/MatMul_output_0');
  const scaling = find.reader(head.output, 'Mul');
  const scale = find.scalar(scaling, head.output);
  const shift = find.scalar(find.reader(scaling.outputs[0], 'Add'), scaling.outputs[0]);
  const out = network.matrix32(head, { scale, shift });

  return (inputs: Tensors): Tensors => {
    const { frames: hidden, f0, voicing, energy, style } = inputs;
    const piece = pieceOf(inputs);
    const [state] = partsOf(piece, [blockStateSize(blocks, channels)]);
    const frames = hidden.dims[1];
    const [hertz, voiced, loud, styles] = [f0, voicing, energy, style].map(
      ({ data }) => data as Float32Array,
    );
    const activations = pieceRows(network, frames, blocks, channels);
    first.run(hidden, activations.x, (values, at, t) => {
      const hz = Math.max(hertz[t], lowest);
      values[at] = octaves * Math.log(hz * perHertz);
      values[at + 1] = voiced[t];
      values[at + 2] = loud[t];
      for (let i = 0; i < centres.length; i++) values[at + 3 + i] = cosine(centres[i] / hz) * voiced[t];
    });
    const timbre = styles.subarray(0, blocks[0].norm.affine?.rows);
    const done = runPiece(
      network,
      blocks,
      activations,
      { count: frames, channels },
      { ...piece, state },
      timbre,
    );
    const { x, other, count: made } = done;
    network.normalize(norm, x, made, other);
    const to = network.floats(made * out.columns);
    network.product32(other, made, channels, out, to, out.columns);
    const mel: Tensor = {
      type: 'float32',
      data: network.view(to, made * out.columns).slice(),
      dims: [1, made, out.columns],
    };
    return piece.last ? { mel } : { mel, state: stateOf(done.state) };
  };
}

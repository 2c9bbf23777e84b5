import type { Tensor, Tensors } from '../backend.ts';
import { frameLayer } from './frame-layer.ts';
import { exponential } from './functions.ts';
import type { Graph } from './graph.ts';
import type { Network, StackRun } from './network.ts';
import { Finder, floatsOf } from './recognize.ts';

/** The prosody's graph: blocks whose norms follow the style, and a linear head of contour, voicing and energy. @throws {NotAStack} */
export function prosody(graph: Graph, network: Network): StackRun {
  const find = new Finder(graph);
  const count = graph.nodes.filter(({ op }) => op === 'FastGelu').length;
  find.expectCounts({
    Conv: count,
    LayerNormalization: count + 1,
    'MatMul|MatMulInteger|Gemm': 3 * count + 2,
    Clip: 1,
    Exp: 1,
    Sigmoid: 1,
  });
  // F0 = reference · exp(clip(pitch + spread · contour)).
  const toHertz = find.maker(['f0'], 'Mul');
  const power = find.maker(toHertz.inputs, 'Exp');
  const reference = find.scalar(toHertz, power.outputs[0]);
  const clip = find.maker(power.inputs, 'Clip');
  const [lowest, highest] = [clip.inputs[1], clip.inputs[2]].map((name) => floatsOf(find.constant(name))[0]);
  const sum = find.maker(clip.inputs, 'Add');
  const pitchAt = find.placeInStyle(sum.inputs);
  const spreadAt = find.placeInStyle(find.maker(sum.inputs, 'Mul').inputs);
  const first = frameLayer(network, find.product('/inp/MatMul_output_0'));
  const { channels } = first;
  const blocks = network.blocks(find.blocks(count));
  const norm = network.norm(find.norm('norm', '/norm'));
  const out = network.matrix32(find.product('/out/MatMul_output_0'));

  return ({ frames: hidden, style }: Tensors): Tensors => {
    const frames = hidden.dims[1];
    const styles = style.data as Float32Array;
    const activations = network.activations(frames, channels);
    const head = network.floats(frames * out.columns);
    first.run(hidden, activations.x);
    // The norms follow the second half of the style.
    const tune = styles.subarray(styles.length - (blocks[0].norm.affine?.rows ?? 0));
    const { x, other } = network.run(blocks, activations, frames, channels, tune);
    network.normalize(norm, x, frames, other);
    network.product32(other, frames, channels, out, head, out.columns);
    const values = network.view(head, frames * out.columns);
    const curve = (column: number, change: (value: number) => number): Tensor => ({
      type: 'float32',
      data: Float32Array.from({ length: frames }, (_, t) => change(values[t * out.columns + column])),
      dims: [1, frames],
    });
    const [pitch, spread] = [styles[pitchAt], styles[spreadAt]];
    return {
      f0: curve(
        0,
        (contour) => reference * exponential(Math.min(highest, Math.max(lowest, pitch + spread * contour))),
      ),
      voicing: curve(1, (logit) => 1 / (1 + exponential(Math.min(80, Math.max(-80, -logit))))),
      energy: curve(2, (value) => value),
    };
  };
}

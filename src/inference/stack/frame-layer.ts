import type { Tensor } from '../backend.ts';
import type { Network } from './network.ts';
import type { Product } from './recognize.ts';

/** Number of values at the end of a frame that say where in its symbol the frame lies. The values before them are the symbol's. */
const PLACE = 3;

/** The first, linear layer of a network whose input is a row of values for each frame. */
export interface FrameLayer {
  /** Number of values that the layer computes for each frame. */
  readonly channels: number;
  /**
   * Computes the layer.
   * @param frames f32 [1, T, D].
   * @param to address of the result [T, channels].
   * @param addCurves writes further inputs of frame `t`, such as its F0, to `values` from `at` on.
   */
  run(frames: Tensor, to: number, addCurves?: (values: Float32Array, at: number, t: number) => void): void;
}

/**
 * Puts the weights of the first layer into memory. A symbol's values are the same in all of its frames, so their part of the product is
 * computed once for the symbol. The part of the other values is computed for each frame.
 * @param curves number of values that `addCurves` writes for each frame.
 */
export function frameLayer(network: Network, product: Product, curves = 0): FrameLayer {
  const rest = PLACE + curves;
  const size = product.weight.dims[product.turned ? 1 : 0];
  const symbol = size - rest;
  const ofSymbol = network.matrix32(product, { rows: [0, symbol] });
  const ofFrame = network.matrix32(product, { rows: [symbol, size] });
  const channels = ofSymbol.columns;

  return {
    channels,
    run({ data, dims: [, count, width] }, to, addCurves) {
      const mark = network.mark();
      const values = data as Float32Array;
      const starts = firstFrames(values, width, symbol);
      const symbols = network.rows(starts.length, symbol);
      const symbolRows = network.view(symbols, starts.length * symbol);
      for (const [n, t] of starts.entries()) {
        symbolRows.set(values.subarray(t * width, t * width + symbol), n * symbol);
      }
      const made = network.floats(starts.length * channels);
      network.product32(symbols, starts.length, symbol, ofSymbol, made, channels);
      const frames = network.rows(count, rest);
      const [result, each, frameRows] = [
        network.view(to, count * channels),
        network.view(made, starts.length * channels),
        network.view(frames, count * rest),
      ];
      for (const [n, start] of starts.entries()) {
        const own = each.subarray(n * channels, (n + 1) * channels);
        for (let t = start; t < (starts[n + 1] ?? count); t++) {
          result.set(own, t * channels);
          frameRows.set(values.subarray(t * width + symbol, (t + 1) * width), t * rest);
          addCurves?.(frameRows, t * rest + PLACE, t);
        }
      }
      network.addProduct32(frames, count, rest, ofFrame, to, channels);
      network.rewind(mark);
    },
  };
}

/** The frames whose first `size` values differ from those of the frame before. */
function firstFrames(values: Float32Array, width: number, size: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at < values.length; at += width) {
    let same = 0;
    if (at > 0) while (same < size && values[at + same] === values[at - width + same]) same++;
    if (same < size) starts.push(at / width);
  }
  return starts;
}

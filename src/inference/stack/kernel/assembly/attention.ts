// Self-attention (Vaswani et al. 2017) with scores that decrease with the distance (ALiBi, Press et al. 2022).

import { exp4 } from './activations';
import { product32, STORE } from './matrices';
import { pack32 } from './packing';

/** Weights this far below the highest score are 0; e^x is accurate above it. */
const LEAST: f32 = -80;

/** Columns as products lay them out. */
function wideOf(columns: i32): i32 {
  return (columns + 7) & ~7;
}

/**
 * @param qkv f32 [count, 3 * heads * size]: queries, keys and values of all heads in turn. Products read three rows more.
 * @param falls for each head how much a score falls by a place towards the end, and towards the beginning.
 * @param work room for (2 * size + count + 4) * (count + 16) floats.
 * @param to f32 [count, heads * size].
 */
export function attend(qkv: usize, count: i32, heads: i32, size: i32, scale: f32, falls: usize, work: usize, to: usize): void {
  const pitch = 3 * heads * size;
  const across = wideOf(count);
  const keys = work;
  const values = keys + <usize>(size * across) * 4;
  const none = values + <usize>(count * wideOf(size)) * 4;
  const scores = none + <usize>max(across, wideOf(size)) * 4;
  memory.fill(none, 0, <usize>max(across, wideOf(size)) * 4);
  for (let head = 0; head < heads; head++) {
    const from = qkv + <usize>(head * size) * 4;
    const part = <usize>(heads * size) * 4;
    pack32(from + part, size, count, 1, pitch, keys);
    pack32(from + 2 * part, count, size, pitch, 1, values);
    product32(from, count, pitch, size, keys, across, none, scores, across, STORE);
    for (let i = 0; i < count; i++) {
      softmax(scores + <usize>(i * across) * 4, i, count, scale, load<f32>(falls + (head << 3)), load<f32>(falls + (head << 3), 4));
    }
    product32(scores, count, across, count, values, size, none, to + <usize>(head * size) * 4, heads * size, STORE);
  }
}

/** Weights of the places that one place looks at, from its scores. */
function softmax(row: usize, place: i32, count: i32, scale: f32, after: f32, before: f32): void {
  const bytes = <usize>wideOf(count) * 4;
  const nothing = f32x4.splat(0);
  let most = f32x4.splat(-Infinity);
  let distance = f32x4.add(f32x4(0, 1, 2, 3), f32x4.splat(<f32>-place));
  // Scores behind the last place are 0 and do not count.
  for (let p: usize = 0; p < bytes; p += 16) {
    const fall = f32x4.add(
      f32x4.mul(f32x4.pmax(nothing, distance), f32x4.splat(after)),
      f32x4.mul(f32x4.pmax(nothing, f32x4.neg(distance)), f32x4.splat(before)),
    );
    const real = f32x4.lt(distance, f32x4.splat(<f32>(count - place)));
    const score = v128.bitselect(f32x4.sub(f32x4.mul(v128.load(row + p), f32x4.splat(scale)), fall), f32x4.splat(-1e30), real);
    most = f32x4.pmax(most, score);
    v128.store(row + p, score);
    distance = f32x4.add(distance, f32x4.splat(4));
  }
  const highest = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  let sum = nothing;
  for (let p: usize = 0; p < bytes; p += 16) {
    const weight = exp4(f32x4.pmax(f32x4.splat(LEAST), f32x4.sub(v128.load(row + p), f32x4.splat(highest))));
    sum = f32x4.add(sum, weight);
    v128.store(row + p, weight);
  }
  const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  const share = f32x4.splat(<f32>1 / total);
  for (let p: usize = 0; p < bytes; p += 16) v128.store(row + p, f32x4.mul(v128.load(row + p), share));
}

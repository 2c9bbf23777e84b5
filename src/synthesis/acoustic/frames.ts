import type { Tensor } from '../../inference/backend.ts';

/**
 * Length regulator (FastSpeech, Ren et al. 2019, section 3.3): repeats each phoneme's hidden vector over its frames and adds
 * where in the phoneme the frame lies, so that the frame-rate networks can shape it from onset to end.
 * @param hidden [1, P, D].
 * @param durations frames per phoneme [P].
 * @returns [1, T, D + 3]: hidden, (k + 0.5) / d, 1 - (k + 0.5) / d, ln d; T = sum of durations.
 */
export function expandFrames(hidden: Tensor, durations: Int32Array): Tensor {
  const size = hidden.dims[2];
  const width = size + 3;
  const source = hidden.data as Float32Array;
  const total = durations.reduce((sum, frames) => sum + frames, 0);
  const data = new Float32Array(total * width);
  let offset = 0;
  for (let p = 0; p < durations.length; p++) {
    const frames = durations[p];
    const vector = source.subarray(p * size, (p + 1) * size);
    for (let k = 0; k < frames; k++, offset += width) {
      data.set(vector, offset);
      const position = (k + 0.5) / frames;
      data[offset + size] = position;
      data[offset + size + 1] = 1 - position;
      data[offset + size + 2] = Math.log(frames);
    }
  }
  return { type: 'float32', data, dims: [1, total, width] };
}

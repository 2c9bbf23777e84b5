import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import type { Manifest } from '../../../src/shards/manifest.ts';
import type { StageName } from '../../../src/shards/stages.ts';
import { createRandom } from '../../../src/synthesis/random.ts';

/** About one phoneme in this many frames, as in speech. */
const FRAMES_PER_PHONEME = 7;

/** Inputs of a stage for `frames` frames of speech: the right shapes with plausible values; int8 kernels take the same time for any. */
export function stageInputs(stage: StageName, manifest: Manifest, frames: number): Tensors {
  const random = createRandom(1);
  const float = (dims: number[], value: () => number): Tensor => ({
    type: 'float32',
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, value),
    dims,
  });
  const style = float([1, manifest.styleSize], () => 0.3 * random.gaussian());
  const mel = float([1, frames, manifest.mels], () => random.gaussian());
  const f0 = float([1, frames], () => 180 + 20 * random.gaussian());
  const voicing = float([1, frames], () => random.uniform());
  const expanded = float([1, frames, manifest.hiddenSize + 3], () => random.gaussian());
  const phonemes = Math.ceil(frames / FRAMES_PER_PHONEME);
  const ids: Tensor = {
    type: 'int64',
    data: BigInt64Array.from({ length: phonemes }, () => BigInt(12 + Math.floor(random.uniform() * 60))),
    dims: [1, phonemes],
  };
  const emotion = float([1, manifest.emotions.length], () => 0);
  switch (stage) {
    case 'text_encoder':
      return {
        phonemes: ids,
        language: { type: 'int64', data: BigInt64Array.of(0n), dims: [1] },
        style,
      };
    case 'style_denoiser':
      return {
        x: style,
        sigma: float([1], () => 0.5),
        phonemes: ids,
        reference: style,
        emotion,
        given: float([1, 2], () => 1),
      };
    case 'prosody':
      return { frames: expanded, style };
    case 'mel_decoder':
      return { frames: expanded, f0, voicing, energy: float([1, frames], () => random.gaussian()), style };
    case 'mel_refiner':
      return { x: mel, mel, style, t: float([1], () => 0.5), emotion };
    case 'vocoder':
      return { mel, f0, voicing };
    case 'style_encoder':
      return { mel };
  }
}

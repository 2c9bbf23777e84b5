import { FFT_SIZE, framesOf, HOP, WINDOW } from './mel.ts';

/** Of ln RMS, about zero mean and unit variance on speech at -23 LUFS; scripts/train/features.py. */
const ENERGY_MEAN = -4;
const ENERGY_SCALE = 1.5;

/**
 * Normalised natural log of the Hann-weighted RMS, frame t centred on sample t * HOP; silence beyond the ends.
 * @param samples mono, 24 kHz.
 * @returns [frames].
 */
export function logEnergy(samples: Float32Array, frames = framesOf(samples)): Float32Array {
  return framePower(samples, frames).map(
    (power) => (0.5 * Math.log(Math.max(power, 1e-9)) - ENERGY_MEAN) / ENERGY_SCALE,
  );
}

/** Hann-weighted mean square of each frame: [frames]. */
export function framePower(samples: Float32Array, frames = framesOf(samples)): Float32Array {
  const powers = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * HOP - FFT_SIZE / 2;
    let sum = 0;
    for (let n = Math.max(0, -start); n < FFT_SIZE && start + n < samples.length; n++) {
      sum += (samples[start + n] * WINDOW[n]) ** 2;
    }
    powers[frame] = sum / FFT_SIZE / 0.375;
  }
  return powers;
}

/** Blocks overlap by three quarters; ITU-R BS.1770-4. */
const BLOCK_SECONDS = 0.4;
const STEP_SECONDS = 0.1;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;

/**
 * Integrated loudness of a mono signal after ITU-R BS.1770-4: K-weighting, blocks of 400 ms, gates at -70 LUFS and at 10 LU
 * below the mean of what passed the first.
 * @returns LUFS; -Infinity when nothing passes the gates. Sound shorter than one block counts as one block.
 */
export function integratedLoudness(samples: Float32Array, sampleRate: number): number {
  const powers = blockPowers(kWeighted(samples, sampleRate), sampleRate);
  const gated = powers.filter((power) => loudnessOf(power) > ABSOLUTE_GATE);
  const gate = loudnessOf(mean(gated)) + RELATIVE_GATE;
  return loudnessOf(mean(gated.filter((power) => loudnessOf(power) > gate)));
}

function loudnessOf(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

function blockPowers(signal: Float64Array, sampleRate: number): number[] {
  const block = Math.min(signal.length, Math.round(BLOCK_SECONDS * sampleRate));
  const step = Math.round(STEP_SECONDS * sampleRate);
  const powers: number[] = [];
  for (let start = 0; block > 0 && start + block <= signal.length; start += step) {
    let sum = 0;
    for (let i = start; i < start + block; i++) sum += signal[i] ** 2;
    powers.push(sum / block);
  }
  return powers;
}

/** Coefficients of a second-order section: b0, b1, b2, a1, a2. */
type Section = readonly [number, number, number, number, number];

/** The shelf of the head and the high-pass below it, from their analogue parameters, so that any rate will do (BS.1770-4, annex 1, states 48 kHz only). */
function kWeighted(samples: Float32Array, sampleRate: number): Float64Array {
  const k1 = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const q1 = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a1 = 1 + k1 / q1 + k1 * k1;
  const shelf: Section = [
    (high + (band * k1) / q1 + k1 * k1) / a1,
    (2 * (k1 * k1 - high)) / a1,
    (high - (band * k1) / q1 + k1 * k1) / a1,
    (2 * (k1 * k1 - 1)) / a1,
    (1 - k1 / q1 + k1 * k1) / a1,
  ];
  const k2 = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const q2 = 0.5003270373238773;
  const a2 = 1 + k2 / q2 + k2 * k2;
  const highPass: Section = [1, -2, 1, (2 * (k2 * k2 - 1)) / a2, (1 - k2 / q2 + k2 * k2) / a2];
  return filter(filter(Float64Array.from(samples), shelf), highPass);
}

function filter(input: Float64Array, [b0, b1, b2, a1, a2]: Section): Float64Array {
  const output = new Float64Array(input.length);
  let z1 = 0;
  let z2 = 0;
  for (let i = 0; i < input.length; i++) {
    const x = input[i];
    const y = b0 * x + z1;
    z1 = b1 * x - a1 * y + z2;
    z2 = b2 * x - a2 * y;
    output[i] = y;
  }
  return output;
}

/** 10^(1 / 2000): a hundredth of a decibel in amplitude. */
const HUNDREDTH = 1.001151955538169;

/** Decibels of a power; -Infinity of 0. */
export function decibels(power: number): number {
  return 10 * Math.log10(power);
}

/**
 * Amplitude of a gain in whole hundredths of a decibel. Uses multiplication only, which all engines round alike; `10 ** x` may differ.
 * Accurate to 1e-12 within 100 dB.
 */
export function gainOf(hundredths: number): number {
  let gain = 1;
  let factor = HUNDREDTH;
  for (let left = Math.abs(hundredths); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) gain *= factor;
    factor *= factor;
  }
  return hundredths < 0 ? 1 / gain : gain;
}

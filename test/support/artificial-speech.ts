import { createRandom } from '../../src/synthesis/random.ts';

const RATE = 24_000;

/**
 * Artificial speech: syllables of a vowel whose formants move, each after a burst of noise, with a pause after every sixth.
 * F0 falls from 150 to 110 Hz within each group. It passes the checks of reference recordings.
 * @param scale factor on F0 and formants, for other speakers.
 * @returns mono samples at 24 kHz.
 */
export function artificialSpeech(seconds: number, scale = 1): Float32Array {
  const random = createRandom(1);
  const samples = new Float32Array(seconds * RATE);
  let phase = 0;
  for (let n = 0; n < samples.length; n++) {
    const t = n / RATE;
    const [group, within] = [Math.floor(t / 1.5), t % 1.5];
    const syllable = Math.floor(within / 0.22);
    const place = within % 0.22;
    phase += (2 * Math.PI * scale * (150 - 40 * (within / 1.5) + 6 * Math.sin(9 * t + group))) / RATE;
    samples[n] = 0.0005 * random.gaussian();
    if (syllable >= 6) continue;
    if (place < 0.07) samples[n] += 0.03 * random.gaussian() * Math.sin((Math.PI * place) / 0.07);
    else {
      const first = 300 + 400 * (((syllable * 5 + group) % 4) / 3) + 900 * (place - 0.07);
      const second = 2300 - 450 * ((syllable * 3 + group) % 4);
      let sound = 0;
      for (let k = 1; k <= 24; k++) {
        const hz = 130 * k;
        const gain = 1 / (1 + ((hz - first) / 120) ** 2) + 0.5 / (1 + ((hz - second) / 160) ** 2) + 0.02;
        sound += gain * Math.sin(k * phase);
      }
      samples[n] += 0.12 * sound * Math.sin((Math.PI * (place - 0.07)) / 0.15);
    }
  }
  return samples;
}

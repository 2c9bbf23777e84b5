import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { concatBytes, concatFloats } from '../../src/base/bytes.ts';

/** Frequencies of two humming speakers, in Hz. */
export const ANA = 200;
export const BEN = 400;

const RATE = 24_000;

const hums = new Map<string, Float32Array>();

/** A hum. `variation` changes its level a little. */
export function hum(hz: number, seconds = 4, variation = 0): Float32Array {
  const name = `${hz} ${seconds} ${variation}`;
  const made = hums.get(name) ?? makeHum(hz, seconds, variation);
  hums.set(name, made);
  // Callers may change it.
  return made.slice();
}

function makeHum(hz: number, seconds: number, variation: number): Float32Array {
  const samples = new Float32Array(Math.round(seconds * RATE));
  for (let n = 0; n < samples.length; n++) {
    samples[n] = (0.5 - variation / 100) * Math.sin((2 * Math.PI * hz * n) / RATE);
  }
  return samples;
}

/** Encodes samples as a WAV file. */
export async function wavOf(samples: Float32Array): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createEncoder('wav', { totalSamples: samples.length });
  return Uint8Array.from(concatBytes([encoder.encode(samples), encoder.finish()]));
}

/** Joins signals one after the other. */
export function inTurn(...parts: readonly Float32Array[]): Float32Array {
  return concatFloats(parts);
}

/** A style encoder for hums: the style is a direction between that of Ana and that of Ben. */
export function styleOfHum({ samples }: { readonly samples: Float32Array }): Float32Array {
  let crossings = 0;
  for (let n = 1; n < samples.length; n++) crossings += Number(samples[n - 1] < 0 !== samples[n] < 0);
  const hz = (crossings * RATE) / samples.length / 2;
  const share = Math.min(1, Math.max(0, (hz - ANA) / (BEN - ANA)));
  return Float32Array.of(1 - share, share, 0.1, 0);
}

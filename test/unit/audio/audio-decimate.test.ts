import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimator, decimatedLength } from '../../../src/audio/decimate.ts';

function decimate(samples: Float32Array, cuts: readonly number[] = []): number[] {
  const decimator = new Decimator();
  const output: number[] = [];
  let from = 0;
  for (const to of [...cuts, samples.length]) {
    output.push(...decimator.push(samples.subarray(from, to)));
    from = to;
  }
  output.push(...decimator.finish());
  return output;
}

/** The filter's whole impulse response, read from three impulses that fall on its three phases. */
function impulseResponse(): Map<number, number> {
  const response = new Map<number, number>();
  for (let phase = 0; phase < 3; phase++) {
    const input = new Float32Array(601);
    input[300 + phase] = 1;
    decimate(input).forEach((value, k) => {
      response.set(3 * k - (300 + phase), value);
    });
  }
  return response;
}

function gain(response: ReadonlyMap<number, number>, frequency: number): { db: number; phase: number } {
  let re = 0;
  let im = 0;
  for (const [n, tap] of response) {
    re += tap * Math.cos((2 * Math.PI * frequency * n) / 24_000);
    im -= tap * Math.sin((2 * Math.PI * frequency * n) / 24_000);
  }
  return { db: 20 * Math.log10(Math.hypot(re, im)), phase: Math.atan2(im, re) };
}

const response = impulseResponse();

it('passes speech up to 3.4 kHz unchanged and without delay', () => {
  for (let frequency = 0; frequency <= 3_400; frequency += 10) {
    const { db, phase } = gain(response, frequency);
    expect(Math.abs(db), `${frequency} Hz`).toBeLessThan(0.02);
    expect(Math.abs(phase), `${frequency} Hz`).toBeLessThan(1e-6);
  }
});

it('does not alias frequencies from 4 kHz up', () => {
  for (let frequency = 4_000; frequency <= 12_000; frequency += 10) {
    expect(gain(response, frequency).db, `${frequency} Hz`).toBeLessThan(-60);
  }
});

it('keeps a constant exactly', () => {
  const output = decimate(new Float32Array(900).fill(0.5));
  for (const value of output.slice(40, -40)) expect(value).toBeCloseTo(0.5, 12);
});

it('aligns output sample k with input sample 3k', () => {
  const tone = Float32Array.from(
    { length: 2_400 },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * 1_000 * i) / 24_000),
  );
  decimate(tone).forEach((value, k) => {
    if (k >= 40 && k < 760) expect(Math.abs(value - tone[3 * k])).toBeLessThan(0.002);
  });
});

it('gives the same samples for any chunk sizes, and a third as many', () => {
  fc.assert(
    fc.property(
      fc.float32Array({ min: -1, max: 1, noNaN: true, maxLength: 700 }),
      fc.array(fc.nat(700), { maxLength: 10 }),
      (samples, places) => {
        const cuts = places.map((place) => Math.min(place, samples.length)).sort((a, b) => a - b);
        const whole = decimate(samples);
        expect(whole.length).toBe(decimatedLength(samples.length));
        expect(decimate(samples, cuts)).toEqual(whole);
      },
    ),
  );
});

it('clips its input before filtering', () => {
  const wild = Float32Array.from({ length: 600 }, (_, i) =>
    i % 50 === 0 ? 9 : i % 50 === 25 ? Number.NaN : -7,
  );
  const tame = wild.map((value) => (value > 1 ? 1 : value < -1 ? -1 : 0));
  expect(decimate(wild)).toEqual(decimate(tame));
});

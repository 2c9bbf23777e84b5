import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fft } from '../../../src/base/fft.ts';
import { cleanPitch } from '../../../src/synthesis/reference/clean-pitch.ts';
import { logEnergy } from '../../../src/synthesis/reference/energy.ts';
import { framesOf, logMel, MELS, RATE } from '../../../src/synthesis/reference/mel.ts';
import { measureStatistics } from '../../../src/synthesis/reference/statistics.ts';
import { trackPitch } from '../../../src/synthesis/reference/track-pitch.ts';
import type { StyleStatistics } from '../../../src/synthesis/reference/types.ts';

/** Made with the code of the training by test/golden/make_features.py. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/features.json'), 'utf8')) as {
  mel: Record<string, number[]>;
  f0: number[];
  clean: number[];
  energy: number[];
  statistics: StyleStatistics;
};

/** The signal that test/golden/make_features.py describes. */
function signal(): Float32Array {
  let state = 1;
  return Float32Array.from({ length: 1.5 * RATE }, (_, n) => {
    const t = n / RATE;
    const phase = 2 * Math.PI * (130 * t + 40 * t ** 2);
    let sound = 0;
    for (let k = 1; k < 20; k++) sound += Math.sin(k * phase) / k;
    const gate = (t % 0.5 < 0.38 ? 0.08 : 0) * (1 + 0.5 * Math.sin(2 * Math.PI * 4 * t));
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return gate * sound + 0.003 * (state / 2 ** 31 - 1);
  });
}

const wave = signal();

function tone(hz: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: seconds * RATE },
    (_, n) => 0.2 * Math.sin((2 * Math.PI * hz * n) / RATE) + 0.1 * Math.sin((4 * Math.PI * hz * n) / RATE),
  );
}

describe('features equal those of the training', () => {
  it('log-mel within 0.001', () => {
    const mel = logMel(wave);
    for (const [frame, expected] of Object.entries(golden.mel)) {
      const found = mel.subarray(Number(frame) * MELS, (Number(frame) + 1) * MELS);
      expected.forEach((value, band) => {
        expect(Math.abs(found[band] - value), `frame ${frame}, band ${band}`).toBeLessThan(1e-3);
      });
    }
  });

  it('F0 with the same voicing, within 0.01 Hz', () => {
    const f0 = trackPitch(wave);
    expect(f0.length).toBe(golden.f0.length);
    expect([...f0].map((hz) => hz > 0)).toEqual(golden.f0.map((hz) => hz > 0));
    golden.f0.forEach((hz, t) => {
      expect(Math.abs(f0[t] - hz), `frame ${t}`).toBeLessThan(0.01);
    });
    [...cleanPitch(f0)].forEach((hz, t) => {
      expect(Math.abs(hz - golden.clean[t]), `frame ${t}`).toBeLessThan(0.01);
    });
  });

  it('energy within 0.001', () => {
    const energy = logEnergy(wave);
    golden.energy.forEach((value, t) => {
      expect(Math.abs(energy[t] - value), `frame ${t}`).toBeLessThan(1e-3);
    });
  });

  it('statistics of the style within 0.001', () => {
    const found = measureStatistics(logMel(wave), cleanPitch(trackPitch(wave)), logEnergy(wave));
    for (const name of ['pitch', 'pitchRange', 'slope', 'energyRange', 'tilt'] as const) {
      expect(Math.abs(found[name] - golden.statistics[name]), name).toBeLessThan(1e-3);
    }
  });
});

it('finds the pitch of a steady sound within 0.1 %, and none in silence', () => {
  fc.assert(
    fc.property(fc.integer({ min: 62, max: 380 }), (hz) => {
      const f0 = trackPitch(tone(hz, 0.3));
      for (const found of f0.slice(4, -4)) expect(Math.abs(found / hz - 1)).toBeLessThan(1e-3);
    }),
    { numRuns: 20 },
  );
  expect(trackPitch(new Float32Array(RATE)).every((hz) => hz === 0)).toBe(true);
});

describe('cleanPitch', () => {
  it('corrects octave errors, removes islands, fills gaps', () => {
    const f0 = new Float32Array(60);
    f0.fill(150, 5, 40);
    f0[15] = 300;
    f0[16] = 75;
    f0[20] = 0;
    f0[50] = 150;
    const clean = cleanPitch(f0);
    expect([...clean.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    for (let t = 5; t < 40; t++) expect(clean[t]).toBeCloseTo(150, 3);
    expect(clean[50]).toBe(0);
  });

  it('finds no pitch in four voiced frames', () => {
    const f0 = new Float32Array(20).fill(120, 3, 7);
    expect(cleanPitch(f0).every((hz) => hz === 0)).toBe(true);
  });
});

it('Fft equals the discrete Fourier transform by its definition, and its inverse with swapped arguments', () => {
  const size = 64;
  const fft = new Fft(size);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2 * size, maxLength: 2 * size }),
      (values) => {
        const [re, im] = [Float64Array.from(values.slice(0, size)), Float64Array.from(values.slice(size))];
        const [a, b] = [re.slice(), im.slice()];
        fft.transform(a, b);
        for (let k = 0; k < size; k += 7) {
          let [x, y] = [0, 0];
          for (let n = 0; n < size; n++) {
            const [c, s] = [Math.cos((2 * Math.PI * k * n) / size), -Math.sin((2 * Math.PI * k * n) / size)];
            x += re[n] * c - im[n] * s;
            y += re[n] * s + im[n] * c;
          }
          expect(a[k]).toBeCloseTo(x, 9);
          expect(b[k]).toBeCloseTo(y, 9);
        }
        fft.transform(b, a);
        for (let n = 0; n < size; n++) {
          expect(a[n] / size).toBeCloseTo(re[n], 9);
          expect(b[n] / size).toBeCloseTo(im[n], 9);
        }
      },
    ),
    { numRuns: 20 },
  );
});

it('counts whole frames only', () => {
  expect(framesOf(new Float32Array(899))).toBe(2);
  expect(logMel(new Float32Array(899)).length).toBe(2 * MELS);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/synthesis/random.ts';
import type { SamplerName } from '../../../src/synthesis/style/options.ts';
import { type Denoise, sample } from '../../../src/synthesis/style/sampler.ts';
import { noiseLevels } from '../../../src/synthesis/style/schedule.ts';

const RANGE = { sigmaMin: 0.005, sigmaMax: 20, rho: 7 };
const MEAN = 0.7;
const SPREAD = 0.5;

/** The ideal denoiser of data that is normal with MEAN and SPREAD: the posterior mean. Counts its calls in `asked`. */
function gaussianDenoiser(mean = MEAN) {
  const asked: number[] = [];
  const denoise: Denoise = async (x, sigma, denoised) => {
    asked.push(sigma);
    const keep = SPREAD ** 2 / (SPREAD ** 2 + sigma ** 2);
    for (let i = 0; i < x.length; i++) denoised[i] = mean + keep * (x[i] - mean);
  };
  return { asked, denoise };
}

const draw = (size: number, steps: number, sampler: SamplerName, seed = 1) =>
  sample(gaussianDenoiser().denoise, size, { ...RANGE, steps, sampler, random: createRandom(seed) });

/** Where the probability-flow ODE takes the sampler's first noise, in closed form. */
function flowEnds(size: number, seed = 1): Float64Array {
  const random = createRandom(seed);
  const shrink = SPREAD / Math.hypot(SPREAD, RANGE.sigmaMax);
  return Float64Array.from(
    { length: size },
    () => MEAN + (RANGE.sigmaMax * random.gaussian() - MEAN) * shrink,
  );
}

const farthest = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('noiseLevels', () => {
  it('fall from sigmaMax to sigmaMin, then to 0, evenly in sigma^(1/rho)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 32 }),
        fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        fc.double({ min: 1, max: 12, noNaN: true }),
        (steps, sigmaMin, sigmaMax, rho) => {
          const levels = noiseLevels(steps, { sigmaMin, sigmaMax, rho });
          expect(levels.length).toBe(steps + 1);
          expect(levels[0]).toBeCloseTo(sigmaMax, 8);
          expect(levels[steps - 1]).toBeCloseTo(sigmaMin, 8);
          expect(levels[steps]).toBe(0);
          const roots = Array.from(levels.subarray(0, steps), (level) => level ** (1 / rho));
          for (let i = 1; i < steps; i++) {
            expect(levels[i]).toBeLessThan(levels[i - 1]);
            expect(roots[i] - roots[i - 1]).toBeCloseTo(roots[1] - roots[0], 8);
          }
        },
      ),
    );
  });

  it('equal those of Karras et al.', () => {
    // Their discretisation for N = 3, sigma 0.002 to 80, rho 7.
    const [first, second, third] = noiseLevels(3, { sigmaMin: 0.002, sigmaMax: 80, rho: 7 });
    expect(first).toBeCloseTo(80, 8);
    expect(second).toBeCloseTo(((80 ** (1 / 7) + 0.002 ** (1 / 7)) / 2) ** 7, 10);
    expect(third).toBeCloseTo(0.002, 10);
  });

  it('go from sigmaMax to 0 in a single step', () => {
    const levels = noiseLevels(1, RANGE);
    expect(levels.length).toBe(2);
    expect(levels[0]).toBeCloseTo(RANGE.sigmaMax, 10);
    expect(levels[1]).toBe(0);
  });
});

describe.each(['ancestral', 'deterministic'] as const)('the %s sampler', (sampler) => {
  it('gives the initial noise to the denoiser, once for a single step', async () => {
    const { asked, denoise } = gaussianDenoiser();
    const drawn = await sample(denoise, 3, { ...RANGE, steps: 1, sampler, random: createRandom(5) });
    expect(asked).toEqual([noiseLevels(1, RANGE)[0]]);
    const random = createRandom(5);
    const keep = SPREAD ** 2 / (SPREAD ** 2 + asked[0] ** 2);
    for (const value of drawn)
      expect(value).toBeCloseTo(MEAN + keep * (asked[0] * random.gaussian() - MEAN), 12);
  });

  it('calls the denoiser twice a step, and once in the last', async () => {
    for (const steps of [2, 5, 32]) {
      const { asked, denoise } = gaussianDenoiser();
      await sample(denoise, 2, { ...RANGE, steps, sampler, random: createRandom(1) });
      expect(asked.length).toBe(2 * steps - 1);
      expect(Math.max(...asked)).toBeCloseTo(RANGE.sigmaMax, 10);
      expect(Math.min(...asked)).toBeGreaterThan(0);
    }
  });

  it('samples the distribution of the denoiser', async () => {
    const size = 20_000;
    const drawn = await draw(size, 32, sampler);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / size;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    expect(Math.abs(mean - MEAN)).toBeLessThan(0.02);
    expect(Math.abs(Math.sqrt(variance) / SPREAD - 1)).toBeLessThan(0.05);
  });

  it('gives the same for the same seed, and something else for another', async () => {
    const first = await draw(8, 5, sampler, 3);
    expect(await draw(8, 5, sampler, 3)).toEqual(first);
    expect(farthest(await draw(8, 5, sampler, 4), first)).toBeGreaterThan(0.05);
  });

  it('rejects when its denoiser fails', async () => {
    const failing: Denoise = async (_x, sigma) => {
      if (sigma < 1) throw new Error('gone');
    };
    const drawing = sample(failing, 2, { ...RANGE, steps: 8, sampler, random: createRandom(1) });
    await expect(drawing).rejects.toThrow('gone');
  });
});

it("Heun's method halves its error or better when its steps are doubled", async () => {
  const exact = flowEnds(64);
  const errors = await Promise.all(
    [4, 8, 16, 32, 64, 128].map(async (steps) => farthest(await draw(64, steps, 'deterministic'), exact)),
  );
  for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThan(errors[i - 1] / 2);
  expect(errors.at(-1)).toBeLessThan(1e-3);
});

it('the ancestral sampler adds noise: its results scatter about those of the ODE', async () => {
  const exact = flowEnds(4000);
  const drawn = await draw(4000, 32, 'ancestral');
  const shared = drawn.reduce((sum, value, i) => sum + (value - MEAN) * (exact[i] - MEAN), 0) / 4000;
  expect(Math.abs(shared / SPREAD ** 2)).toBeLessThan(0.1);
});

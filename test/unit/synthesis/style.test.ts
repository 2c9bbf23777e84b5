import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/shards/manifest.ts';
import { blendStyles, continueStyle } from '../../../src/synthesis/style/blend.ts';
import { mixEmotions, oneHot } from '../../../src/synthesis/style/emotion.ts';
import type { StyleOptions } from '../../../src/synthesis/style/options.ts';
import { createStyleSampler } from '../../../src/synthesis/style/style.ts';
import { resolveVoice } from '../../../src/synthesis/style/voice.ts';
import { linearDenoiser, styleManifest as manifest, SIZE } from '../../support/models/style-model.ts';

const voice = resolveVoice(manifest, { ann: 1 });
const phonemeIds = BigInt64Array.of(1n, 20n, 30n, 2n);

/** Draws a fully sampled style by default. */
async function draw(options: StyleOptions = {}, seed = 1, previous?: Float32Array) {
  const { asked, runner } = linearDenoiser();
  const { style, sampled } = await createStyleSampler(manifest, runner).style({
    voice,
    phonemeIds,
    previous,
    options: { alpha: 1, beta: 1, ...options },
    seed,
  });
  return { style, sampled, asked };
}

/** From one vector to another, a share of the way. */
const between = (a: Float32Array, b: Float32Array, share: number) =>
  a.map((value, i) => value + share * (b[i] - value));

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 4) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
}

describe('resolveVoice', () => {
  it('returns a single voice unchanged, to the last bit', () => {
    expect(resolveVoice(manifest, { bob: 1 })).toEqual({
      style: Float32Array.from(manifest.voices[1].style),
      pitchRange: 0.8,
    });
    expect(resolveVoice(manifest, { bob: 0.3 })).toEqual(resolveVoice(manifest, { bob: 1 }));
  });

  it('mixes styles and pitch ranges by weight, whatever the sum of the weights', () => {
    const mix = resolveVoice(manifest, { ann: 0.5, bob: 0.25 });
    const [ann, bob] = manifest.voices;
    expect(mix.pitchRange).toBeCloseTo((2 * 1.2 + 0.8) / 3, 12);
    for (let i = 0; i < SIZE; i++) expect(mix.style[i]).toBeCloseTo((2 * ann.style[i] + bob.style[i]) / 3, 6);
  });

  it.each([
    [{ ann: 0.5, cid: 0.5 }, 'unknown_voice', 'ann, bob'],
    [{ ann: Number.NaN }, 'invalid_value', 'from 0 to 1'],
    [{ ann: 1.1 }, 'invalid_value', 'from 0 to 1'],
    [{ ann: 1, bob: -0.1 }, 'invalid_value', 'from 0 to 1'],
    [{ ann: 0 }, 'invalid_value', 'above 0'],
    [{}, 'invalid_value', 'above 0'],
    [{ constructor: 1 }, 'unknown_voice', 'ann, bob'],
  ])('refuses %j', (weights, code, text) => {
    const resolve = () => resolveVoice(manifest, weights as unknown as Record<string, number>);
    expect(resolve).toThrow(
      expect.objectContaining({ code, param: 'voice', message: expect.stringContaining(text) }),
    );
  });
});

describe('mixEmotions', () => {
  const mix = (weights: Record<string, number>) => mixEmotions(manifest.emotions, weights);

  it('adds neutral to reach a sum of 1, and drops zero weights', () => {
    expect(mix({ sad: 0.25, happy: 0 })).toEqual([
      { index: 0, weight: 0.75 },
      { index: 2, weight: 0.25 },
    ]);
    expect(mix({ angry: 1 })).toEqual([{ index: 3, weight: 1 }]);
    expect(mix({})).toEqual([{ index: 0, weight: 1 }]);
    expect(mix({ neutral: 0.2, happy: 0.5 })[0].weight).toBeCloseTo(0.5, 12);
  });

  it('accepts weights that sum to 1 within rounding, and normalizes them', () => {
    expect(mix({ neutral: 0.1, happy: 0.2, sad: 0.7 }).length).toBe(3);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1 / 4, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (weights) => {
          const parts = mix(Object.fromEntries(manifest.emotions.map((name, i) => [name, weights[i]])));
          expect(parts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
        },
      ),
    );
  });

  it('gives one one-hot row per emotion', () => {
    expect([...oneHot(manifest.emotions, mix({ sad: 0.5 }))]).toEqual([1, 0, 0, 0, 0, 0, 1, 0]);
  });

  it.each([
    [{ joyous: 1 }, 'unknown_emotion', 'neutral, happy, sad, angry'],
    [{ happy: 0.8, sad: 0.3 }, 'invalid_value', 'sum to 1.1'],
    [{ happy: -0.1 }, 'invalid_value', 'from 0 to 1'],
    [{ happy: 1.5 }, 'invalid_value', 'from 0 to 1'],
    [{ happy: Number.NaN }, 'invalid_value', 'not NaN'],
  ])('refuses %j', (weights, code, text) => {
    expect(() => mix(weights as unknown as Record<string, number>)).toThrow(
      expect.objectContaining({ code, param: 'emotion', message: expect.stringContaining(text) }),
    );
  });
});

describe('blendStyles', () => {
  const reference = Float32Array.of(0.1, 0.2, 0.3, 0.4);
  const sampled = Float32Array.of(1, 2, 3, 4);

  it('weighs the two halves as StyleTTS 2 does', () => {
    expectClose(blendStyles(sampled, reference, 0.25, 0.5), [0.325, 0.65, 1.65, 2.2], 6);
  });

  it('returns the reference or the sample unchanged at the ends', () => {
    expect(blendStyles(sampled, reference, 0, 0)).toEqual(reference);
    expect(blendStyles(sampled, reference, 1, 1)).toEqual(sampled);
  });
});

describe('continueStyle', () => {
  it('returns the sample at the first utterance', () => {
    expect([...continueStyle([1, 2], undefined, 0.9)]).toEqual([1, 2]);
  });

  it('adds a share of the style before', () => {
    expectClose(continueStyle([1, 2], Float32Array.of(5, 6), 0.75), [4, 5], 6);
  });
});

describe('style', () => {
  it('is the reference at 0 steps, and runs no network', async () => {
    const { style, sampled, asked } = await draw({ diffusionSteps: 0 });
    expect(style).toEqual(voice.style);
    expect(sampled).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is the reference to the last bit at alpha = beta = 0', async () => {
    expect((await draw({ alpha: 0, beta: 0 })).style).toEqual(voice.style);
    const { style } = await draw({ alpha: 0, beta: 1 });
    expect(style.subarray(0, SIZE / 2)).toEqual(voice.style.subarray(0, SIZE / 2));
    expect(style.subarray(SIZE / 2)).not.toEqual(voice.style.subarray(SIZE / 2));
  });

  it("has the manifest's defaults, and others when an emotion is stated", async () => {
    expect((await draw()).asked.length).toBe(2 * 4 - 1);
    expect((await draw({ emotion: { happy: 0.5 } })).asked.length).toBe(2 * 6 - 1);
    const blended = (await draw({ alpha: undefined, beta: undefined })).style;
    const { sampled } = await draw();
    expectClose(blended, blendStyles(sampled!, voice.style, 0.3, 0.7), 6);
  });

  it('is the same for the same seed, and differs with another', async () => {
    const { style } = await draw({}, 7);
    expect((await draw({}, 7)).style).toEqual(style);
    expect((await draw({}, 8)).style).not.toEqual(style);
  });

  it('passes standardized styles to the network, and returns raw ones', async () => {
    const { asked } = await draw();
    const { mean, scale } = manifest.style;
    const reference = Float32Array.from(voice.style, (value, i) => (value - mean[i]) / scale[i]);
    expectClose(asked[0].reference.data as Float32Array, reference, 6);
    // The denoiser's mean is far from 0; of 400 draws the mean must come near it in raw units.
    const sums = new Float64Array(SIZE);
    for (let seed = 0; seed < 400; seed++)
      (await draw({ diffusionSteps: 8 }, seed)).style.forEach((value, i) => {
        sums[i] += value / 400;
      });
    for (let i = 0; i < SIZE; i++) {
      const expected = mean[i] + scale[i] * (Math.sin(i + 1) + 0.5 * reference[i]);
      expect(Math.abs(sums[i] - expected)).toBeLessThan(0.25);
    }
  });

  it('runs the network once per evaluation, with all mixed emotions as rows', async () => {
    const { asked } = await draw({ emotion: { happy: 0.6, sad: 0.3 }, embeddingScale: 2, diffusionSteps: 3 });
    expect(asked.length).toBe(5);
    for (const { x, sigma, emotion, given, reference } of asked) {
      expect([x, sigma, emotion, given, reference].map(({ dims }) => dims[0])).toEqual([4, 4, 4, 4, 4]);
      expect([...emotion.data]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
      expect([...given.data]).toEqual([1, 1, 1, 1, 1, 1, 0, 1]);
      const rows = Array.from({ length: 4 }, (_, row) => x.data.slice(row * SIZE, (row + 1) * SIZE));
      for (const row of rows) expect(row).toEqual(rows[0]);
    }
  });

  it('encodes no emotion as zeros', async () => {
    const [{ emotion, given }] = (await draw()).asked;
    expect([...emotion.data]).toEqual([0, 0, 0, 0]);
    expect([...given.data]).toEqual([1, 1]);
  });
});

describe('mixing by EmoMix, eq. 8', () => {
  const deterministic = { sampler: 'deterministic', diffusionSteps: 6 } as const;
  const mixed = async (emotion: Record<string, number>) => (await draw({ ...deterministic, emotion })).style;

  it('is linear in the weights where the denoiser is', async () => {
    const [neutral, happy, sad, angry] = await Promise.all(
      manifest.emotions.map((name) => mixed({ [name]: 1 })),
    );
    expectClose(await mixed({ happy: 0.6, sad: 0.4 }), between(happy, sad, 0.4));
    expectClose(await mixed({ angry: 0.25 }), between(neutral, angry, 0.25));
    const three = await mixed({ happy: 0.2, sad: 0.3, angry: 0.1 });
    const expected = neutral.map((value, i) => 0.4 * value + 0.2 * happy[i] + 0.3 * sad[i] + 0.1 * angry[i]);
    expectClose(three, expected);
  });

  it('moves monotonically with the weight of one emotion', async () => {
    const weights = [0, 0.25, 0.5, 0.75, 1];
    const styles = await Promise.all(weights.map((sad) => mixed({ sad })));
    for (let i = 0; i < SIZE; i++) {
      const way = Math.sign(styles[4][i] - styles[0][i]);
      for (let step = 1; step < weights.length; step++)
        expect(way * (styles[step][i] - styles[step - 1][i])).toBeGreaterThan(0);
    }
  });

  it('also for the ancestral sampler, whose noise is the same for all emotions', async () => {
    const ancestral = async (emotion: Record<string, number>) =>
      (await draw({ diffusionSteps: 6, emotion }, 5)).style;
    const [happy, sad] = [await ancestral({ happy: 1 }), await ancestral({ sad: 1 })];
    expectClose(await ancestral({ happy: 0.7, sad: 0.3 }), between(happy, sad, 0.3));
  });
});

describe('guidance', () => {
  const guided = async (embeddingScale: number) =>
    (await draw({ sampler: 'deterministic', diffusionSteps: 6, embeddingScale, emotion: { sad: 1 } })).style;

  it('is off at 1: only the conditional branch is computed', async () => {
    const { asked } = await draw({ embeddingScale: 1, emotion: { sad: 1 } });
    for (const { x } of asked) expect(x.dims).toEqual([1, SIZE]);
    expectClose(await guided(1), await guided(1 + 1e-9));
  });

  it('moves from the unconditional to the conditional style and beyond, on a straight line', async () => {
    const [none, full] = [await guided(0), await guided(1)];
    expect(none).not.toEqual(full);
    for (const scale of [0.5, 2, 10]) expectClose(await guided(scale), between(none, full, scale), 3);
  });
});

describe('a model whose emotions are effects', () => {
  const effect = { pitch: 2, pitchRange: 0.5, rate: 0.8, pauses: 1.5, energy: -3 };
  const half = SIZE / 2;
  const prosodic = {
    ...manifest,
    emotionEffects: { happy: effect, sad: effect, angry: effect },
    style: {
      ...manifest.style,
      sampler: { ...manifest.style.sampler!, prosodyOnly: true, emotionDefaults: undefined },
      statistics: { pitch: half, pitchRange: half + 1, rate: half + 2, pauses: half + 3 },
    },
  } as Manifest;
  const drawn = async (options: StyleOptions) => {
    const { asked, runner } = linearDenoiser();
    const request = { voice, phonemeIds, options, seed: 1 };
    return { ...(await createStyleSampler(prosodic, runner).style(request)), asked };
  };

  it.each([0, 3])('speaks them by the same changes with %i steps', async (diffusionSteps) => {
    const usual = await drawn({ diffusionSteps });
    const sad = await drawn({ diffusionSteps, emotion: { sad: 1 } });
    expect([usual.level, sad.level]).toEqual([0, -3]);
    expect(sad.style[half] - usual.style[half]).toBeCloseTo((2 * Math.LN2) / 12, 5);
    expect(sad.style[half + 1]).toBeCloseTo(0.5 * usual.style[half + 1], 5);
    expect(sad.style[half + 2] - usual.style[half + 2]).toBeCloseTo(-Math.log(0.8), 5);
    expect(sad.style[half + 3] - usual.style[half + 3]).toBeCloseTo(Math.log(1.5), 5);
    expect(sad.style.subarray(0, half)).toEqual(usual.style.subarray(0, half));
    expect(sad.style.subarray(half + 4)).toEqual(usual.style.subarray(half + 4));
  });

  it('tells the sampler nothing of them, and takes the defaults of any request', async () => {
    const usual = await drawn({});
    const mixed = await drawn({ emotion: { happy: 0.4, angry: 0.3 } });
    expect(mixed.asked).toEqual(usual.asked);
    expect(mixed.asked.length).toBe(2 * 4 - 1);
    expect(mixed.sampled).toEqual(usual.sampled);
    expect((await drawn({ emotion: { neutral: 1 } })).style).toEqual(usual.style);
  });

  it('keeps the timbre of the reference to the last bit, whatever alpha is', async () => {
    const { style } = await drawn({ alpha: 1, beta: 1 });
    expect(style.subarray(0, half)).toEqual(voice.style.subarray(0, half));
    expect(style.subarray(half)).not.toEqual(voice.style.subarray(half));
    await expect(drawn({ alpha: 2 })).rejects.toMatchObject({ code: 'invalid_value', param: 'alpha' });
  });
});

describe('long form', () => {
  it('starts from the style sampled before, and returns its own', async () => {
    const first = await draw({ alpha: 0.5, beta: 0.5 }, 1);
    const alone = (await draw({}, 2)).sampled!;
    const second = await draw({ alpha: 0.5, beta: 0.5 }, 2, first.sampled);
    expectClose(second.sampled!, between(alone, first.sampled!, 0.6), 6);
    expectClose(second.style, blendStyles(second.sampled!, voice.style, 0.5, 0.5), 6);
    expect((await draw({ continuity: 0 }, 2, first.sampled)).sampled).toEqual(alone);
    expect((await draw({ continuity: 1 }, 2, first.sampled)).sampled).toEqual(first.sampled);
  });
});

describe('style refuses', () => {
  it.each([
    [{ diffusionSteps: 33 }, 'invalid_value', 'diffusion_steps'],
    [{ diffusionSteps: -1 }, 'invalid_value', 'diffusion_steps'],
    [{ diffusionSteps: 2.5 }, 'invalid_value', 'diffusion_steps'],
    [{ diffusionSteps: Number.NaN }, 'invalid_value', 'diffusion_steps'],
    [{ alpha: 1.01 }, 'invalid_value', 'alpha'],
    [{ alpha: Number.NaN }, 'invalid_value', 'alpha'],
    [{ beta: -0.01 }, 'invalid_value', 'beta'],
    [{ embeddingScale: 10.1 }, 'invalid_value', 'embedding_scale'],
    [{ embeddingScale: Number.POSITIVE_INFINITY }, 'invalid_value', 'embedding_scale'],
    [{ continuity: 2 }, 'invalid_value', 'continuity'],
    [{ sampler: 'euler' }, 'invalid_value', 'sampler'],
    [{ emotion: { joyous: 1 } }, 'unknown_emotion', 'emotion'],
    [{ emotion: { sad: 1 }, diffusionSteps: 0 }, 'conflicting_parameters', 'diffusion_steps'],
  ] as [StyleOptions, string, string][])('%j', async (options, code, param) => {
    await expect(draw(options)).rejects.toMatchObject({ name: 'SoriError', code, param });
  });

  it('styles of another size, or with NaN', async () => {
    const sampler = createStyleSampler(manifest, linearDenoiser().runner);
    const request = { phonemeIds, options: {}, seed: 1 };
    const refused = { code: 'invalid_style', param: 'style' };
    const short = sampler.style({ ...request, voice: { style: new Float32Array(SIZE - 1) } });
    await expect(short).rejects.toMatchObject(refused);
    const broken = sampler.style({ ...request, voice: { style: voice.style.map(() => Number.NaN) } });
    await expect(broken).rejects.toMatchObject(refused);
    const before = sampler.style({ ...request, voice, previous: new Float32Array(3) });
    await expect(before).rejects.toMatchObject(refused);
  });
});

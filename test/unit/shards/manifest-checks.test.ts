import { describe, expect, it } from 'vitest';
import { type Manifest, manifestSchema } from '../../../src/shards/manifest.ts';
import { tinyModel } from '../../support/models/model-files.ts';

const read = async (sampler: 'emotions' | 'prosody') => {
  const bytes = (await tinyModel('sori-2', 1, sampler)).get('manifest.json');
  return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
};
const faultsOf = (manifest: object) => {
  const { error } = manifestSchema.safeParse(manifest);
  return error?.issues.map(({ path }) => path.join('.')) ?? [];
};

describe('emotions of a model with a style sampler', () => {
  const withSampler = (manifest: Manifest, changes: object) => ({
    ...manifest,
    style: { ...manifest.style, sampler: { ...manifest.style.sampler, ...changes } },
  });

  it('are spoken by the sampler, which needs defaults for them', async () => {
    const manifest = await read('emotions');
    expect(faultsOf(withSampler(manifest, { emotionDefaults: undefined }))).toEqual([
      'style.sampler.emotionDefaults',
    ]);
  });

  it('or each has its effects, and the sampler needs no defaults for them', async () => {
    const manifest = await read('prosody');
    expect(manifest.style.sampler?.emotionDefaults).toBeUndefined();
    expect(faultsOf(manifest)).toEqual([]);
    const { happy: _, ...others } = manifest.emotionEffects!;
    expect(faultsOf({ ...manifest, emotionEffects: others })).toEqual(['emotionEffects']);
    expect(faultsOf({ ...manifest, emotionEffects: undefined })).toEqual(['style.sampler.emotionDefaults']);
  });

  it('need effects where there is no sampler', async () => {
    const { stages, style, ...manifest } = await read('emotions');
    const { style_denoiser: _, ...others } = stages;
    const without = { ...manifest, stages: others, style: { ...style, sampler: undefined } };
    expect(new Set(faultsOf(without))).toEqual(new Set(['emotionEffects']));
  });
});

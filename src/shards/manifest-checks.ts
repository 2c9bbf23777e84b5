import type { z } from 'zod';
import type { StageName } from './stages.ts';
import type { StyleSpace } from './style-space.ts';

/** Parts of a manifest that {@link checkStyleSpace} checks. */
interface Described {
  readonly styleSize: number;
  readonly emotions: readonly string[];
  readonly style: StyleSpace;
  readonly emotionEffects?: Readonly<Record<string, unknown>>;
  readonly refiner?: { readonly emotionFrom: number; readonly emotionUntil: number };
  /** Absent in a description that is not packed yet. */
  readonly stages?: Readonly<Partial<Record<StageName, unknown>>>;
  readonly voices: readonly {
    readonly id: string;
    readonly style: readonly number[];
    readonly formerly?: readonly string[];
  }[];
}

/** Checks the parts of a manifest against each other: lengths of style vectors, places of statistics, order of bounds. */
export function checkStyleSpace(
  { styleSize, emotions, emotionEffects, style, refiner, stages, voices }: Described,
  context: z.core.$RefinementCtx,
): void {
  const complain = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const sized = (path: (string | number)[], values: readonly number[], what: string) => {
    if (values.length !== styleSize)
      complain(path, `${what} has ${values.length} style values, not ${styleSize}`);
  };

  for (const [i, axis] of [...(style.likeness?.axes ?? []), style.likeness?.mean ?? []].entries())
    if (style.likeness) sized(['style', 'likeness', i], axis, 'what voices are compared by');

  if (styleSize % 2) complain(['styleSize'], 'a style vector has two halves of the same size');
  sized(['style', 'mean'], style.mean, 'the mean');
  sized(['style', 'scale'], style.scale, 'the scale');
  for (const [i, { id, style: values }] of voices.entries())
    sized(['voices', i, 'style'], values, `voice ${id}`);
  const names = voices.flatMap(({ id, formerly = [] }) => [id, ...formerly]);
  if (new Set(names).size < names.length) complain(['voices'], 'a voice is listed twice');

  if (emotions[0] !== 'neutral') complain(['emotions', 0], 'the first emotion must be neutral');
  if (new Set(emotions).size < emotions.length) complain(['emotions'], 'an emotion is listed twice');

  const taken = new Set<number>();
  for (const [name, place] of Object.entries(style.statistics)) {
    const path = ['style', 'statistics', name];
    const [from, to] = name === 'tilt' ? [0, styleSize / 2] : [styleSize / 2, styleSize];
    if (place < from || place >= to) complain(path, `${name} must lie in [${from}, ${to})`);
    if (taken.has(place)) complain(path, `dimension ${place} has two meanings`);
    taken.add(place);
  }

  for (const emotion of Object.keys(emotionEffects ?? {})) {
    if (emotion === 'neutral' || !emotions.includes(emotion))
      complain(['emotionEffects', emotion], `${emotion} is not an emotion that changes anything`);
  }
  // Either the sampler speaks all emotions, or each has its effects.
  const bySampler = style.sampler !== undefined && emotionEffects === undefined;
  for (const emotion of emotions.slice(1)) {
    if (!bySampler && !emotionEffects?.[emotion])
      complain(['emotionEffects'], `${emotion} must say what it changes, because no sampler speaks it`);
  }
  if (bySampler && !style.sampler?.emotionDefaults)
    complain(['style', 'sampler', 'emotionDefaults'], 'a sampler that speaks the emotions needs them');
  if (stages && Boolean(stages.style_denoiser) !== Boolean(style.sampler))
    complain(['style', 'sampler'], 'style_denoiser and the sampler belong together');
  if (stages && Boolean(stages.mel_refiner) !== Boolean(refiner))
    complain(['refiner'], 'mel_refiner and its settings belong together');

  const { sampler } = style;
  if (sampler && sampler.sigmaMin >= sampler.sigmaMax)
    complain(['style', 'sampler', 'sigmaMin'], 'must be below sigmaMax');
  if (refiner && refiner.emotionFrom > refiner.emotionUntil)
    complain(['refiner', 'emotionFrom'], 'must not lie after emotionUntil');
}

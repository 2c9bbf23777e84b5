import type { z } from 'zod';
import type { StyleSpace } from './style-space.ts';

/** What {@link checkStyleSpace} looks at. */
interface Described {
  readonly styleSize: number;
  readonly emotions: readonly string[];
  readonly style: StyleSpace;
  readonly refiner: { readonly emotionFrom: number; readonly emotionUntil: number };
  readonly voices: readonly { readonly id: string; readonly style: readonly number[] }[];
}

/** Has the parts of a manifest agree with each other: lengths of style vectors, places of statistics, order of bounds. */
export function checkStyleSpace(
  { styleSize, emotions, style, refiner, voices }: Described,
  context: z.core.$RefinementCtx,
): void {
  const complain = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const sized = (path: (string | number)[], values: readonly number[], what: string) => {
    if (values.length !== styleSize)
      complain(path, `${what} has ${values.length} style values, not ${styleSize}`);
  };

  if (styleSize % 2) complain(['styleSize'], 'a style vector has two halves of the same size');
  sized(['style', 'mean'], style.mean, 'the mean');
  sized(['style', 'scale'], style.scale, 'the scale');
  for (const [i, { id, style: values }] of voices.entries())
    sized(['voices', i, 'style'], values, `voice ${id}`);
  if (new Set(voices.map(({ id }) => id)).size < voices.length)
    complain(['voices'], 'a voice is listed twice');

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

  if (style.sigmaMin >= style.sigmaMax) complain(['style', 'sigmaMin'], 'must be below sigmaMax');
  if (refiner.emotionFrom > refiner.emotionUntil)
    complain(['refiner', 'emotionFrom'], 'must not lie after emotionUntil');
}

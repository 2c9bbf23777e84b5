import { SoriError } from '../../base/errors.ts';
import type { Manifest } from '../../shards/manifest.ts';
import { rangeName, spanOf, transposition, vocalRange } from '../../synthesis/singing/range.ts';
import { hzOf, pitchName } from '../../synthesis/singing/score.ts';
import type { SingingRequest } from './engine.ts';
import type { PartSinger } from './singers.ts';

/**
 * Finds the transposition of a score, and checks that every voice can sing its part.
 * @throws {SoriError} `out_of_range`, naming the first note at fault and the transposition that would help.
 */
export function fitRanges(
  manifest: Manifest,
  { score, transpose }: SingingRequest,
  singers: readonly PartSinger[],
): { readonly transposed: number; readonly notices: string[] } {
  const ranges = singers.map(({ voice }) => vocalRange(manifest, voice));
  const spans = score.parts.map(
    ({ notes }) => spanOf(notes.map(({ pitch }) => pitch)) ?? { low: 60, high: 60 },
  );
  const comfortable = transposition(
    spans,
    ranges.map((range) => range.comfortable),
  );
  const possible = transposition(
    spans,
    ranges.map((range) => range.possible),
  );
  const transposed = transpose === 'auto' ? (comfortable ?? possible ?? 0) : transpose;
  const notices: string[] = [];
  for (const [p, { notes, name }] of score.parts.entries()) {
    const { comfortable: well, possible: at } = ranges[p];
    const outside = notes.findIndex(({ pitch }) => {
      return pitch + transposed < at.low - 0.5 || pitch + transposed > at.high + 0.5;
    });
    if (outside >= 0) {
      const pitch = notes[outside].pitch + transposed;
      const where = notes[outside].place ?? `note ${outside + 1}`;
      const hint = suggestion(comfortable ?? possible, transposed);
      const message = `Part '${name}', ${where}: ${pitchName(pitch)} (${hzOf(pitch).toFixed(0)} Hz) is ${
        pitch > at.high ? 'above' : 'below'
      } what the voice '${singers[p].name}' can sing, ${rangeName(at)}. ${hint}`;
      throw new SoriError('out_of_range', message, { param: 'score' });
    }
    const strained = notes.filter(({ pitch }) => {
      return pitch + transposed < well.low - 0.5 || pitch + transposed > well.high + 0.5;
    }).length;
    if (strained > 0) {
      const better =
        comfortable === undefined || comfortable === transposed ? '' : ` ${suggestion(comfortable, 0)}`;
      notices.push(
        `Part '${name}': ${strained} of ${notes.length} notes lie outside the comfortable range of the voice '${singers[p].name}', ${rangeName(well)}.${better}`,
      );
    }
  }
  return { transposed, notices };
}

function suggestion(shift: number | undefined, transposed: number): string {
  if (shift === undefined || shift === transposed)
    return 'No transposition within two octaves fits all parts: choose another voice.';
  return `Transposing the score by ${shift > 0 ? '+' : ''}${shift} semitones fits ("transpose": ${shift} or "auto").`;
}

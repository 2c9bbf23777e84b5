import type { SlotValues } from '../../src/features/prompts/templates/template.ts';

/** Template, values, locale and rendering, which every runtime with ICU must agree on. */
export const TEMPLATE_CASES: readonly (readonly [string, SlotValues, string, string])[] = [
  ['Your table for {count, number} is ready, {name}.', { count: 1234, name: 'Ada' }, 'en', 'Your table for 1,234 is ready, Ada.'],
  ['{n, plural, =0 {none} one {# call} other {# calls}}', { n: 2 }, 'en-US', '2 calls'],
  ['{n, plural, one {#} few {# few} many {# many} other {#}}', { n: 5 }, 'pl', '5 many'],
  ['{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}', { n: 22 }, 'en', '22nd'],
  ['{who, select, f {her} other {them}}', { who: 'f' }, 'en', 'her'],
  ['{n, number, percent} {n, number, ::currency/USD} {n, number, ::.00}', { n: 1.5 }, 'en-US', '150% $1.50 1.50'],
  ['{n, number}', { n: 1234.5 }, 'de', '1.234,5'],
  ['{d, date, short} {d, date, medium}', { d: '2026-11-21' }, 'en-US', '11/21/26 Nov 21, 2026'],
  ['{d, date, long}; {d, date, full}', { d: '2026-11-21' }, 'en-US', 'November 21, 2026; Saturday, November 21, 2026'],
  ['{d, date, ::EEEEMMMMd}', { d: '2026-11-21' }, 'en-US', 'Saturday, November 21'],
  ['{d, date, long}', { d: '2026-11-21' }, 'en-AU', '21 November 2026'],
  ['{t, time, short} {t, time, medium}', { t: '18:30:15' }, 'en-US', '6:30 PM 6:30:15 PM'],
  ['{t, time, short} on {t, date, ::MMMMd}', { t: '2026-11-21T00:15+09:00' }, 'en-US', '12:15 AM on November 21'],
  ['<speak>{name}</speak>', { name: '<&"\'>' }, 'en', '<speak>&lt; &amp;&quot;&apos;&gt;</speak>'],
]; // biome-ignore format: short rows

/** SHA-256 of what `joinMasters` makes of {@link joinedTones}. */
export const JOINED_SHA256 = '62eaeb56e7d0f96cfb08f85fd43411aec49942acc3ff6bc731718dda9e39a089';

/** Three tones of different loudness, with silence around them. */
export function joinedTones(): { samples: Int16Array; pauseMs: number }[] {
  return [4000, 9000, 6000].map((amplitude, part) => {
    const samples = Int16Array.from({ length: 12_000 }, (_, i) => {
      const edge = Math.max(0, Math.min(1, (i - 1500) / 300, (10_500 - i) / 300));
      // A triangle wave, because every engine computes it alike.
      return amplitude * edge * (2 * Math.abs(((i * (part + 3)) % 240) / 120 - 1) - 1);
    });
    return { samples, pauseMs: 150 + 50 * part };
  });
}

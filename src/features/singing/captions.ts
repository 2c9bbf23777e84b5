import type { TimedSyllable } from '../../engine/singing/engine.ts';

const SAMPLES_PER_MS = 24;

/** The properties of singing that lyric captions need. */
export interface SungLyrics {
  readonly title?: string;
  /** In the order sung, part by part. */
  readonly syllables: readonly TimedSyllable[];
  readonly totalSamples: number;
}

/**
 * Lyrics as LRC: a line of text for each phrase, with the time at which it begins. Parts that sing together give their lines in the order of time.
 * @param enhanced puts the time of each syllable into the lines (`<mm:ss.xx>`, the A2 extension), which karaoke players show.
 */
export function lrc({ title, syllables, totalSamples }: SungLyrics, enhanced: boolean): string {
  const lines = linesOf(syllables).sort((one, other) => one[0].startSample - other[0].startSample);
  const written = lines.map((line) => {
    const start = `[${clock(line[0].startSample)}]`;
    return enhanced ? `${start} ${timedText(line)}` : `${start}${plainText(line)}`;
  });
  const head = [
    ...(title ? [`[ti:${title.replace(/[\r\n\]]/g, ' ')}]`] : []),
    `[length:${clock(totalSamples).slice(0, 5)}]`,
  ];
  return `${[...head, ...written].join('\n')}\n`;
}

function linesOf(syllables: readonly TimedSyllable[]): TimedSyllable[][] {
  const lines: TimedSyllable[][] = [];
  for (const syllable of syllables) {
    if (syllable.text === '') continue;
    const open = lines.at(-1)?.[0];
    if (open?.part === syllable.part && open.line === syllable.line) lines[lines.length - 1].push(syllable);
    else lines.push([syllable]);
  }
  return lines;
}

function plainText(line: readonly TimedSyllable[]): string {
  return line
    .map(({ text, ends }) => (ends ? `${safe(text)} ` : safe(text)))
    .join('')
    .trim();
}

function timedText(line: readonly TimedSyllable[]): string {
  const parts = line.map(
    ({ text, ends, startSample }) => `<${clock(startSample)}>${safe(text)}${ends ? ' ' : ''}`,
  );
  return `${parts.join('').trimEnd()} <${clock(line[line.length - 1].endSample)}>`;
}

/** Lyrics can't hold what a player takes for a time. */
function safe(text: string): string {
  return text.replace(/[[\]<>\r\n]/g, '');
}

/** `01:02.34` */
function clock(sample: number): string {
  const hundredths = Math.round(sample / SAMPLES_PER_MS / 10);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(hundredths / 6000)}:${two((hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}

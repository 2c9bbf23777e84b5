import { isPauseSymbol } from '../../src/text/symbols.ts';
import { framesOf, type Recording } from './recording.ts';

/** Voicing from which a frame counts towards the pitch. */
const VOICED = 0.5;

const HEAD = ['word', 'phoneme', 'start ms', 'ms', 'F0 Hz', 'F0 move', 'energy', 'voiced %'];
/** Text columns are left-aligned, number columns right-aligned. */
const WORDS = 2;

/** A table of all phonemes and pauses with start, duration, pitch and loudness. */
export function explain(recording: Recording): string {
  let last = -1;
  const rows = recording.phonemes
    .filter(({ startSample, endSample }) => endSample > startSample)
    .map((phoneme) => {
      const [from, to] = framesOf(phoneme);
      const frames = Array.from({ length: to - from }, (_, i) => from + i);
      const voiced = frames.filter((frame) => recording.voicing[frame] > VOICED);
      const pitch = voiced.map((frame) => recording.f0[frame]);
      const first = phoneme.word !== last && phoneme.word >= 0;
      if (phoneme.word >= 0) last = phoneme.word;
      return [
        first ? (recording.words.get(phoneme.word) ?? '') : '',
        nameOf(phoneme.symbol),
        (phoneme.startSample / 24).toFixed(1),
        ((phoneme.endSample - phoneme.startSample) / 24).toFixed(1),
        pitch.length > 0 ? mean(pitch).toFixed(0) : '',
        pitch.length > 1 ? moveOf(pitch) : '',
        mean(frames.map((frame) => recording.energy[frame])).toFixed(2),
        ((100 * voiced.length) / frames.length).toFixed(0),
      ];
    });
  const seconds = recording.samples.length / 24_000;
  const voiced = recording.f0.filter((_, frame) => recording.voicing[frame] > VOICED);
  const pitch = voiced.length > 0 ? `, F0 ${mean(Array.from(voiced)).toFixed(0)} Hz on average` : '';
  return `${table([HEAD, ...rows])}\n${seconds.toFixed(2)} s, ${rows.length} phonemes and pauses${pitch}\n`;
}

/** Semitones from the first voiced frame to the last. */
function moveOf(pitch: readonly number[]): string {
  const semitones = 12 * Math.log2(pitch[pitch.length - 1] / pitch[0]);
  return `${semitones < 0 ? '−' : '+'}${Math.abs(semitones).toFixed(1)} st`;
}

function nameOf(symbol: string): string {
  if (isPauseSymbol(symbol)) return `${symbol} pause`;
  const names: Readonly<Record<string, string>> = { ' ': '· gap', '^': '^ start', $: '$ end' };
  return names[symbol] ?? symbol;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column]))));
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat(widths[column] - lengthOf(cell));
        return column < WORDS ? cell + blank : blank + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

const lengthOf = (text: string): number => Array.from(text).length;

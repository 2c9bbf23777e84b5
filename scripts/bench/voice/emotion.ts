import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { announce, type Row } from '../table.ts';
import { liesBetween, mean, movesMonotonically } from './measures.ts';
import { createSpeaker, type Manner, mannerOf, type Speaker } from './speech.ts';
import { heldOutSentences } from './texts.ts';
import { createTranscript, type Transcript } from './wer.ts';

/** How much is spoken. */
export interface EmotionOptions {
  readonly corpora: string;
  readonly sentences: number;
  readonly seeds: number;
  /** Folder for what is to be recognised. */
  readonly work: string;
}

const WEIGHTS = [0, 0.25, 0.5, 0.75, 1];
const VOICES = ['hazel', 'toby'];
const MIXES = [
  ['happy', 'sad'],
  ['angry', 'calm'],
  ['surprised', 'sad'],
  ['fearful', 'calm'],
] as const;

const KEYS = ['pitch', 'pitchRange', 'rate', 'energy'] as const;
const UNITS = { pitch: 'st', pitchRange: 'st', rate: 'sounds/s', energy: 'dB' } as const;

type Move = Readonly<Record<(typeof KEYS)[number], number>>;

/** Effect of each emotion at full strength: the table that its training styles were made with. */
async function readTable(): Promise<Record<string, Move>> {
  const path = resolve(import.meta.dirname, '../../train/emotion-table.json');
  const { emotions } = JSON.parse(await readFile(path, 'utf8')) as { emotions: Record<string, Move> };
  return emotions;
}

/** Above 0 where the emotion raises it: range and rate are factors in the table, pitch and energy differences. */
export function directionOf(move: Move, key: (typeof KEYS)[number]): number {
  return key === 'pitch' || key === 'energy' ? move[key] : Math.log(move[key]);
}

/**
 * Measures whether speech changes by the table, in proportion to the weight; whether mixes are between their parts; and whether the speech
 * is intelligible.
 */
export async function measureEmotion(options: EmotionOptions): Promise<Row[]> {
  const table = await readTable();
  const speaker = createSpeaker();
  const texts = await heldOutSentences(options.corpora, options.sentences);
  const transcript = createTranscript(join(options.work, 'emotion'));
  const at = (emotion: Record<string, number>, set?: string) =>
    average(speaker, texts, options.seeds, emotion, transcript, set);
  announce('emotion: neutral');
  const neutral = await at({ neutral: 1 }, 'neutral');
  const rows: Row[] = [];
  const full: Record<string, Manner> = {};
  for (const [name, move] of Object.entries(table)) {
    const manners = [neutral];
    for (const weight of WEIGHTS.slice(1)) {
      announce(`emotion: ${name} ${weight}`);
      const emotion = weight < 1 ? { [name]: weight, neutral: 1 - weight } : { [name]: 1 };
      manners.push(await at(emotion, weight === 1 ? name : undefined));
    }
    full[name] = manners[WEIGHTS.length - 1];
    rows.push(emotionRow(name, move, manners));
  }
  announce('emotion: mixes');
  rows.push(await mixRow(full, (emotion) => at(emotion)));
  announce('emotion: recognizing');
  rows.push(errorRow(await transcript.rates(), Object.keys(table)));
  return rows;
}

async function average(
  speaker: Speaker,
  texts: readonly string[],
  seeds: number,
  emotion: Record<string, number>,
  transcript: Transcript,
  set?: string,
): Promise<Manner> {
  const manners: Manner[] = [];
  for (const voice of VOICES) {
    for (const input of texts) {
      for (let seed = 0; seed < seeds; seed++) {
        const spoken = await speaker.speak({ input, voice: { [voice]: 1 }, seed, emotion });
        manners.push(mannerOf(spoken));
        if (set && seed === 0) await transcript.add(set, spoken.samples, input);
      }
    }
  }
  const over = (key: keyof Manner) => mean(manners.map((manner) => manner[key]));
  return { pitch: over('pitch'), pitchRange: over('pitchRange'), rate: over('rate'), energy: over('energy') };
}

function emotionRow(name: string, move: Move, manners: readonly Manner[]): Row {
  const moves = KEYS.map((key) => {
    const values = manners.map((manner) => manner[key]);
    const follows = movesMonotonically(values, directionOf(move, key));
    const arrow = directionOf(move, key) > 0 ? '↑' : '↓';
    const digits = values.map((value) => value.toFixed(key === 'energy' ? 1 : 2)).join(' ');
    return { follows, text: `${key} ${arrow} ${digits} ${UNITS[key]}${follows ? '' : ' (NO)'}` };
  });
  const count = moves.filter(({ follows }) => follows).length;
  return {
    what: `${name}, weights ${WEIGHTS.join(', ')}, ${VOICES.join(' and ')} (${moves.map(({ text }) => text).join('; ')})`,
    measured: `${count} of ${KEYS.length} move as the table says`,
    target: `${KEYS.length}`,
    met: count === KEYS.length,
  };
}

async function mixRow(
  full: Record<string, Manner>,
  at: (emotion: Record<string, number>) => Promise<Manner>,
): Promise<Row> {
  const outside: string[] = [];
  let count = 0;
  for (const [a, b] of MIXES.filter((parts) => parts.every((part) => full[part]))) {
    const mixed = await at({ [a]: 0.5, [b]: 0.5 });
    for (const key of KEYS) {
      count++;
      const [first, second] = [full[a][key], full[b][key]];
      if (!liesBetween(mixed[key], first, second)) {
        const values = [first, mixed[key], second].map((value) => value.toFixed(2)).join(' ');
        outside.push(`${a}+${b} ${key} ${values}`);
      }
    }
  }
  return {
    what: `mixes of two halves: ${KEYS.join(', ')} between their parts${outside.length ? ` (not: ${outside.join('; ')})` : ''}`,
    measured: `${count - outside.length} of ${count}`,
    target: 'all',
    met: outside.length === 0,
  };
}

function errorRow(rates: ReadonlyMap<string, number>, emotions: readonly string[]): Row {
  const neutral = rates.get('neutral') ?? Number.NaN;
  const ratios = emotions.map((name) => ({ name, ratio: (rates.get(name) ?? Number.NaN) / neutral }));
  const worst = Math.max(...ratios.map(({ ratio }) => ratio));
  const each = ratios.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', ');
  return {
    what: `WER at full weight ÷ neutral's ${(100 * neutral).toFixed(1)} % (${each}), the worst`,
    measured: worst.toFixed(2),
    target: '≤ 1.3',
    met: worst <= 1.3,
  };
}

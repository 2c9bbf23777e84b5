import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpeechEngine } from '../../../src/engine/engine.ts';
import { readGolden } from '../../lib/golden.ts';
import { createNodeEngine } from '../../lib/node-engine.ts';
import { plainRequest } from '../../lib/plain-request.ts';
import { announce, median, type Row } from '../table.ts';

const RATE = 24_000;
/** Two phrases of 20 syllables. */
const ENGLISH = 'The next train to the city will leave from platform number seven at ten thirty.';
const KOREAN = '다음 열차는 일곱 번 승강장에서 아홉 시에 떠나요.';

const READ = { model: 'sori-2', pronunciations: {}, strict: false };

/** A text and the voice that speaks it. */
interface Case {
  readonly input: string;
  readonly language: 'en' | 'ko';
  readonly voice: string;
}

const english = (input: string): Case => ({ input, language: 'en', voice: 'clara' });
const korean = (input: string): Case => ({ input, language: 'ko', voice: 'sora' });

/**
 * The text front end against the speech that it reads, and the first audio of a Korean phrase against an English one. Both in processor
 * time of this process with one thread, so that a loaded machine gives the same.
 */
export async function measureText({ quick }: { readonly quick?: boolean }): Promise<Row[]> {
  announce('text: front ends');
  const engine = createNodeEngine();
  const count = quick ? 8 : 100;
  const apps = readGolden().filter(({ kind }) => kind === 'apps');
  const inEnglish = apps.slice(0, count).map(({ input }) => english(input));
  const inKorean = koreanTexts().slice(0, count).map(korean);
  const rows = [
    await frontEndRow(engine, 'English', inEnglish),
    await frontEndRow(engine, 'Korean', inKorean),
  ];
  announce('text: first audio of Korean and English');
  return [...rows, await firstAudioRow(engine, quick ? 3 : 15)];
}

/** Sentences of the golden set of pronunciations. */
function koreanTexts(): string[] {
  return readFileSync(join(import.meta.dirname, '../../../test/golden/ko/g2p.tsv'), 'utf8')
    .split('\n')
    .filter((line) => /^[^#].*[.?!]\t/.test(line))
    .map((line) => line.split('\t')[0]);
}

async function frontEndRow(engine: SpeechEngine, name: string, cases: readonly Case[]): Promise<Row> {
  const seconds = await speechSeconds(engine, cases);
  const read = async () => {
    for (const { input, language } of cases) await engine.read({ ...READ, input, language });
  };
  await read();
  const times: number[] = [];
  for (let run = 0; run < 5; run++) times.push(await processorTime(read));
  const factor = (1000 * seconds) / median(times);
  return {
    what: `front end, ${name}, ${cases.length} texts of ${seconds.toFixed(0)} s of speech in all, processor time`,
    measured: `${factor.toFixed(0)} × real time`,
    target: '≥ 200 × real time',
    met: factor >= 200,
  };
}

async function speechSeconds(engine: SpeechEngine, cases: readonly Case[]): Promise<number> {
  let samples = 0;
  for (const { input, language, voice } of cases) {
    const aligned = await engine.align(plainRequest({ input, language, voice: { [voice]: 1 } }));
    samples += aligned.totalSamples;
  }
  return samples / RATE;
}

/** Both phrases in turns, the first of each pair by turns too. */
async function firstAudioRow(engine: SpeechEngine, pairs: number): Promise<Row> {
  const first = ({ input, language, voice }: Case) =>
    processorTime(async () => {
      const speech = await engine.speak(plainRequest({ input, language, voice: { [voice]: 1 } }));
      for await (const _ of speech.chunks) break;
    });
  const times: { en: number; ko: number }[] = [];
  for (let pair = 0; pair < pairs + 1; pair++) {
    const en = pair % 2 === 0 ? await first(english(ENGLISH)) : undefined;
    const ko = await first(korean(KOREAN));
    // The first pair loads the model.
    if (pair > 0) times.push({ en: en ?? (await first(english(ENGLISH))), ko });
    else if (en === undefined) await first(english(ENGLISH));
  }
  const ratio = median(times.map(({ en, ko }) => ko / en));
  const [en, ko] = [median(times.map((time) => time.en)), median(times.map((time) => time.ko))];
  return {
    what: `first audio of a Korean phrase of 20 syllables ÷ an English one, ${pairs} pairs, processor time (${ko.toFixed(0)} ÷ ${en.toFixed(0)} ms)`,
    measured: ratio.toFixed(2),
    target: '≤ 1.2',
    met: ratio <= 1.2,
  };
}

/** Processor time of this process in ms. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

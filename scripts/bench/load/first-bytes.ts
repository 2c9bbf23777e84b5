import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIO_FORMATS } from '../../../src/audio/format.ts';
import { announce, median, type Row } from '../table.ts';
import { ask, firstByte, newLongText, newPhrase, warmUp } from './ask.ts';

/** Requests of a figure. */
const RUNS = 5;
const TARGET_MS = 250;

/** The median of a few runs. Cancelled work gets time to end between two of them. */
async function inTurn(request: (init: RequestInit) => Promise<Response>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(await firstByte(request));
    await sleep(300);
  }
  return median(times);
}

/** Answers of long speech that say more than the audio, or have to wait for some or all of it. */
const OTHER_ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'JSON with mp3 and timestamps': { response_format: 'json', timestamps: ['word'] },
  'events with mp3': { stream_format: 'sse', timestamps: ['word'] },
  'JSON with wav, which states its length': { response_format: 'json', audio_format: 'wav' },
};
/** An answer that has to wait for all of the audio. */
const LEVELLED = { loudness: -16 } as const;

/** First bytes of long speech in each format, and of a signed address whose audio is not stored. */
export async function measureFirstBytes(url: string): Promise<Row[]> {
  await warmUp(url);
  announce('first byte of a short phrase');
  const short = await inTurn((init) => ask(url, { input: newPhrase() }, init));
  const formats: [string, number][] = [];
  for (const response_format of AUDIO_FORMATS) {
    announce(`first byte of long speech as ${response_format}`);
    const long = (init: RequestInit) => ask(url, { input: newLongText(), response_format }, init);
    formats.push([response_format, await inTurn(long)]);
  }
  const others: [string, number][] = [];
  for (const [name, fields] of Object.entries(OTHER_ANSWERS)) {
    announce(`first byte of ${name}`);
    others.push([name, await inTurn((init) => ask(url, { input: newLongText(), ...fields }, init))]);
  }
  announce('first byte of long speech with a given loudness');
  const levelled = await firstByte((init) => ask(url, { input: newLongText(), ...LEVELLED }, init));
  announce('first byte of a signed address');
  const signed = await inTurn(async (init) => {
    const input = newLongText(1900);
    return await fetch(await sign(url, input), init);
  });
  const slowest = Math.max(...formats.map(([, ms]) => ms));
  const listed = formats.map(([format, ms]) => `${format} ${ms.toFixed(0)}`).join(', ');
  return [
    {
      what: `first byte at 4,000 characters (${listed}; a short phrase ${short.toFixed(0)})`,
      before: '0.8 to 1.4 s',
      measured: `≤ ${slowest.toFixed(0)} ms`,
      target: `≤ ${TARGET_MS} ms`,
      met: slowest <= TARGET_MS,
    },
    {
      what: `the same of other answers; with \`loudness\` ${LEVELLED.loudness}, which waits for all of the audio, ${(levelled / 1000).toFixed(1)} s`,
      measured: others.map(([name, ms]) => `${name}: ${ms.toFixed(0)} ms`).join('; '),
      target: '',
    },
    {
      what: 'first byte of a signed address on a miss, 1,900 characters, signing included',
      before: '> 7 s',
      measured: `${signed.toFixed(0)} ms`,
      target: `≤ ${TARGET_MS} ms`,
      met: signed <= TARGET_MS,
    },
  ];
}

async function sign(url: string, input: string): Promise<string> {
  const answer = await ask(url, { input }, {}, '/v1/audio/speech/sign');
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { url: string }).url;
}

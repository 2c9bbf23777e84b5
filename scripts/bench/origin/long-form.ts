/** A job of 100,000 characters at an origin. Usage: `node scripts/bench/origin/long-form.ts [format] [characters]`; SORI_EP, SORI_THREADS as of an origin. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assembleOrigin } from '../../../src/origin/assemble.ts';
import { readConfig } from '../../../src/origin/config.ts';
import { Drain } from '../../../src/origin/drain.ts';
import { announce, createTable, type Row } from '../table.ts';

const POLL_MS = 2000;
const MIB = 1024;

interface SeenJob {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly done: number; readonly total: number };
  readonly result: { readonly url: string; readonly seconds: number } | null;
  readonly error: { readonly message: string } | null;
}

/** Speaks a long text in this process, by the app and the state that an origin has. */
export async function measureLongForm(format: string, characters: number): Promise<Row> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sori-bench-'));
  const config = readConfig({
    SORI_EP: 'cpu',
    SORI_THREADS: '1',
    ...process.env,
    AUTH: 'off',
    STATE_DIR: stateDir,
  });
  const origin = await assembleOrigin({ ...config, bucket: undefined }, new Drain());
  try {
    const before = process.resourceUsage();
    const started = performance.now();
    const ask = async (path: string, body?: object): Promise<SeenJob> => {
      const response = await origin.app.request(path, {
        method: body ? 'POST' : 'GET',
        headers: { 'Content-Type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as SeenJob;
    };
    const request = { model: 'sori-2', voice: 'hazel', input: story(characters), response_format: format };
    let job = await ask('/v1/jobs', { kind: 'long_form', request });
    while (job.state === 'queued' || job.state === 'running') {
      announce(`long form: ${job.progress.done} of ${job.progress.total} steps`);
      await sleep(POLL_MS);
      job = await ask(`/v1/jobs/${job.id}`);
    }
    if (job.result === null) throw new Error(job.error?.message ?? job.state);
    const wall = (performance.now() - started) / 1000;
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpu = (userCPUTime + systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
    const seconds = job.result.seconds;
    return {
      what: `a job of ${request.input.length} characters at an origin (${origin.inference?.backend}, ${config.threads} thread): ${seconds.toFixed(0)} s of speech as ${format}; time, processor time, peak memory (before it)`,
      measured: `${wall.toFixed(0)} s, ${cpu.toFixed(0)} s, ${(maxRSS / MIB).toFixed(0)} MiB (${(before.maxRSS / MIB).toFixed(0)} MiB)`,
      target: '',
    };
  } finally {
    await origin.rest();
    origin.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

const WHO = [
  'The keeper',
  'A baker',
  'Her sister',
  'The old captain',
  'Nobody',
  'The girl next door',
  'Mister Hale',
];
const DID = [
  'walked down to the harbour',
  'counted 42 boxes',
  'read the letter twice',
  'lit the lamp',
  'found $12.50',
];
const WHEN = ['because the night was cold', 'before anybody asked', 'as the bells rang', 'without a word'];

/** Sentences of which no two are alike, in paragraphs of seven. */
function story(characters: number): string {
  let text = '';
  for (let page = 1; text.length < characters - 150; page++) {
    const who = WHO[(page * 5) % WHO.length];
    const other = WHO[(page * 3 + 1) % WHO.length].toLowerCase();
    const end = page % 7 === 0 ? '\n\n' : ' ';
    text += `${who} ${DID[page % DID.length]} ${WHEN[page % WHEN.length]}, and on page ${page} ${other} ${DID[(page * 2) % DID.length]}.${end}`;
  }
  return text.trim();
}

if (import.meta.main) {
  const [format = 'mp3', characters = '100000'] = process.argv.slice(2);
  createTable(false)([await measureLongForm(format, Number(characters))]);
}

import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fuzzedRequest, randomFrom } from './fuzz.ts';
import { type FaultyServer, startServer } from './server.ts';

/** Outcome of a fault. */
export interface Outcome {
  readonly what: string;
  readonly survived: number;
  readonly lost: number;
  readonly note?: string;
}

/** An answer must come within this time. */
const HANG_MS = 60_000;

const speak = (url: string, input: string, more: object = {}, signal = AbortSignal.timeout(HANG_MS)) =>
  fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sori-2', voice: 'hazel', input, ...more }),
    signal,
  });

const digest = async (answer: Response) =>
  createHash('sha256')
    .update(await answer.bytes())
    .digest('hex');

/** Speaks, waits until it is stored, kills the server with SIGKILL while it speaks more, and asks for all of it again. */
export async function killed(folder: string, first: FaultyServer): Promise<[Outcome, FaultyServer]> {
  const stored = new Map<string, string>();
  for (let i = 0; i < 10; i++) {
    const answer = await speak(first.url, `Table ${i} is ready.`);
    const address = answer.headers.get('content-location') ?? '';
    await answer.bytes();
    stored.set(address, await digest(await fetch(first.url + address)));
  }
  const under = Array.from({ length: 8 }, (_, i) =>
    speak(first.url, `This one is number ${i}. `.repeat(40))
      .then((answer) => answer.bytes())
      .catch(() => undefined),
  );
  await sleep(300);
  await first.kill();
  await Promise.all(under);
  const again = await startServer(folder);
  let survived = 0;
  for (const [address, sha256] of stored) {
    const answer = await fetch(again.url + address);
    if (answer.ok && (await digest(answer)) === sha256) survived++;
  }
  return [
    { what: 'stored phrases after kill -9 and a new start', survived, lost: stored.size - survived },
    again,
  ];
}

/** Overwrites the largest file of the local bucket, a part of the model, and starts the server. */
export async function corrupted(folder: string, running: FaultyServer): Promise<[Outcome, FaultyServer]> {
  await running.kill();
  const names = await readdir(join(folder, 'state'), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && entry.parentPath.includes('blobs'));
  const sized = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { path, size: (await stat(path)).size };
    }),
  );
  const [{ path, size }] = sized.sort((a, b) => b.size - a.size);
  await writeFile(path, randomBytes(size));
  const again = await startServer(folder);
  const fault = await faultOf(speak(again.url, `A new phrase, ${Date.now()}.`));
  const outcome = { what: 'a damaged file of the model', survived: fault ? 0 : 1, lost: fault ? 1 : 0 };
  return [{ ...outcome, note: fault }, again];
}

/** Why an answer is no audio; `undefined` for audio. */
async function faultOf(asked: Promise<Response>): Promise<string | undefined> {
  try {
    const answer = await asked;
    if (!answer.ok) return `${answer.status} ${(await answer.text()).slice(0, 200)}`;
    const { length } = await answer.bytes();
    return length > 1000 ? undefined : `${length} bytes of audio`;
  } catch (error) {
    return String(error);
  }
}

/** Clients that send slowly and that do not read; a short phrase must still be spoken. */
export async function stalled({ url }: FaultyServer): Promise<Outcome> {
  const clients = new AbortController();
  const slow = Array.from({ length: 8 }, () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('--x\r\n')),
    });
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const init = { method: 'POST', headers, body, duplex: 'half', signal: clients.signal } as RequestInit;
    return fetch(`${url}/v1/styles`, init).catch(() => undefined);
  });
  const unread = Array.from({ length: 16 }, (_, i) =>
    speak(
      url,
      `Nobody reads sentence number ${i}. `.repeat(100),
      { response_format: 'wav' },
      clients.signal,
    ).catch(() => undefined),
  );
  await sleep(1000);
  const faults: string[] = [];
  const tries = 5;
  for (let i = 0; i < tries; i++) {
    const fault = await faultOf(speak(url, `Is table ${i}, ${Date.now()}, free?`));
    if (fault !== undefined) faults.push(fault);
  }
  clients.abort();
  await Promise.all([...slow, ...unread]);
  return {
    what: 'short phrases beside 8 slow uploads and 16 clients that do not read',
    survived: tries - faults.length,
    lost: faults.length,
    note: faults[0],
  };
}

/** 200 clients at once: each gets audio, or 429 or 503 with Retry-After. If none gets audio, all are lost. */
export async function flooded({ url }: FaultyServer): Promise<Outcome> {
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const answer = await speak(url, `Flood, number ${i}.`).catch(() => undefined);
      await answer?.bytes().catch(() => undefined);
      return answer;
    }),
  );
  const spoken = answers.filter((answer) => answer?.ok).length;
  const refused = answers.filter(
    (answer) => answer && [429, 503].includes(answer.status) && answer.headers.has('retry-after'),
  ).length;
  const survived = spoken > 0 ? spoken + refused : 0;
  return {
    what: '200 clients at once',
    survived,
    lost: 200 - survived,
    note: `${spoken} spoken, ${refused} refused with Retry-After`,
  };
}

/** Random requests: none may hang or be answered by a 5xx other than 501 and the 503 of a busy server. */
export async function fuzzed({ url }: FaultyServer, requests: number, seed: number): Promise<Outcome> {
  const random = randomFrom(seed);
  const faults: string[] = [];
  let left = requests;
  const client = async () => {
    while (left-- > 0) {
      if (left % 1000 === 0) process.stderr.write(`… ${left} random requests left\n`);
      const { method, path, headers, body } = fuzzedRequest(random);
      const signal = AbortSignal.timeout(HANG_MS);
      try {
        const {
          status,
          headers: given,
          ...answer
        } = await answerOf(fetch(url + path, { method, headers, body, signal }));
        const busy = status === 503 && given.has('retry-after') && answer.text.includes('"overloaded"');
        // A server without an origin refuses work that only an origin does.
        const noOrigin = status === 503 && answer.text.includes('(ORIGINS)');
        const refusal = status === 501 || busy || noOrigin;
        if (status >= 500 && !refusal)
          faults.push(`${status} ${method} ${path} ${answer.text.slice(0, 200)}`);
      } catch (error) {
        faults.push(`${method} ${path} ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  for (const fault of faults.slice(0, 10)) console.error(`fuzz: ${fault}`);
  return { what: `random requests (seed ${seed})`, survived: requests - faults.length, lost: faults.length };
}

async function answerOf(answer: Promise<Response>) {
  const { status, headers, ...rest } = await answer.then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }));
  return { status, headers, ...rest };
}

/** Reads and changes of one key's jobs with another key: all must be refused. */
export async function strangers({ url }: FaultyServer, admin: string, reads: number): Promise<Outcome> {
  const call = (key: string, method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(HANG_MS),
    });
  const keyOf = async (name: string) => {
    const answer = await call(admin, 'POST', '/v1/keys', {
      name,
      scopes: ['speech', 'usage:read'],
      rate: 'unlimited',
    });
    if (!answer.ok) throw new Error(`A key could not be made: ${await answer.text()}`);
    return ((await answer.json()) as { key: string }).key;
  };
  const [owner, stranger] = [await keyOf('owner'), await keyOf('stranger')];
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const request = { model: 'sori-2', voice: 'hazel', input: `A secret, number ${i}.` };
    const answer = await call(owner, 'POST', '/v1/jobs', { kind: 'speech', request });
    ids.push(((await answer.json()) as { id: string }).id);
  }
  let let_in = 0;
  for (let i = 0; i < reads; i++) {
    const path = `/v1/jobs/${ids[i % ids.length]}`;
    const [method, tail] = (
      [
        ['GET', ''],
        ['GET', '/events'],
        ['GET', '/output'],
        ['POST', '/retry'],
        ['DELETE', ''],
      ] as const
    )[i % 5];
    const answer = await call(i % 7 === 0 ? 'wrong' : stranger, method, path + tail);
    await answer.arrayBuffer();
    if (answer.ok) let_in++;
  }
  return { what: "reads of another key's jobs", survived: reads - let_in, lost: let_in };
}

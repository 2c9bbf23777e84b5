import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runSori } from '../../support/run-sori.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

const SIGNING_KEYS = 'k1:a-secret-that-the-server-signs-addresses-with';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningOrigin;
/** The administrator's key, as `sori keys admin` made it. */
let admin: string;

beforeAll(async () => {
  const { key, sha256 } = JSON.parse((await runSori(['keys', 'admin', '--json'])).stdout);
  expect(createHash('sha256').update(key).digest('hex')).toBe(sha256);
  admin = key;
  folder = await serverFolder();
  server = await runOrigin(folder.path, { ADMIN_KEY_SHA256: sha256, SIGNING_KEYS });
});
afterAll(async () => {
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

const sori = (args: readonly string[], apiKey = admin): Promise<Ended> =>
  runSori(args, { url: server.url, apiKey });
const made = async (...args: string[]) => {
  const { code, stdout, stderr } = await sori(['keys', 'create', '--json', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as { id: string; key: string; name: string };
};
const voices = async (key: string) =>
  (await fetch(new URL('/v1/voices', server.url), { headers: { Authorization: `Bearer ${key}` } })).status;

describe('sori keys', () => {
  it('makes the administrator’s key without a server, and prints how to install it', async () => {
    const { code, stdout } = await runSori(['keys', 'admin'], { url: new URL('http://127.0.0.1:1') });
    expect(code).toBe(0);
    const [key] = stdout.split('\n');
    expect(key).toMatch(/^sori_\w+$/);
    expect(stdout).toContain('npx wrangler secret put ADMIN_KEY_SHA256');
    expect(stdout).toContain(createHash('sha256').update(key).digest('hex'));
    expect(stdout.split(key).length).toBe(2);
  });

  it('create, list, rotate and revoke', async () => {
    const args = ['--name', 'ci', '--scopes', 'speech,prompts:write', '--rate', '60/m'];
    const created = await sori([
      'keys',
      'create',
      ...args,
      '--monthly-chars',
      '1_000_000',
      '--expires',
      '90d',
    ]);
    expect(created.code).toBe(0);
    const key = created.stdout.trim();
    const [, id] = key.match(/^sori_(\w+)_\w+$/)!;
    expect(created.stderr).toBe(`ci (${id}): speech, prompts:write. Keep the key: it is shown once.\n`);
    expect(await voices(key)).toBe(200);

    const listed = await sori(['keys', 'list']);
    const [heading, ...rows] = listed.stdout.trim().split('\n');
    expect(heading).toMatch(/^ID +NAME +SCOPES +RATE +CHARS\/MONTH +MADE +EXPIRES +LAST USED$/);
    const row = rows.find((line) => line.startsWith(id))!;
    expect(row).toMatch(/ci +speech,prompts:write +60\/m +1000000 +\d{4}-\d\d-\d\d \d\d:\d\dZ +\d{4}-/);
    expect(listed.stdout).not.toContain(key);

    const rotated = await sori(['keys', 'rotate', id, '--overlap', '1h']);
    const next = rotated.stdout.trim();
    expect(next).not.toBe(key);
    expect([await voices(key), await voices(next)]).toEqual([200, 200]);
    const last = (await sori(['keys', 'rotate', id, '--overlap', '0'])).stdout.trim();
    expect([await voices(next), await voices(last)]).toEqual([401, 200]);

    const revoked = await sori(['keys', 'revoke', id]);
    expect(revoked.stdout).toBe(`Revoked ${id} (ci). It stops working within a minute.\n`);
    expect(await voices(last)).toBe(401);
    expect((await sori(['keys', 'list'])).stdout).not.toContain(id);
    expect((await sori(['keys', 'list', '--all'])).stdout).toMatch(new RegExp(`${id} .* revoked`));
  });

  it('print JSON for programs', async () => {
    const { id, key } = await made('--name', 'json', '--scopes', 'usage:read', '--rate', 'unlimited');
    expect(key).toContain(`sori_${id}_`);
    const keys = JSON.parse((await sori(['keys', 'list', '--json'])).stdout) as { id: string }[];
    expect(keys.find((entry) => entry.id === id)).toMatchObject({
      name: 'json',
      scopes: ['usage:read'],
      rate: null,
      monthly_characters: null,
      expires_at: null,
    });
    expect(JSON.stringify(keys)).not.toContain(key);
  });

  it('exit with 2 for a wrong command line', async () => {
    const { code, stdout, stderr } = await sori(['keys', 'create', '--name', 'x', '--scopes', 'all']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: option '--scopes <scopes>' argument 'all' is invalid. expected some of speech, /,
    );
  });

  it.each([
    [
      'a wrong key',
      ['keys', 'list'],
      'sori_wrong',
      /Incorrect API key provided.*\(401 invalid_api_key, request /,
    ],
    ['no key', ['keys', 'list'], '', /API key.*\(401 invalid_api_key, request /],
    [
      'no such id',
      ['keys', 'revoke', 'nothing/../x'],
      undefined,
      /Unknown or inactive API key.*\(404 unknown_api_key, request /,
    ],
  ])('report errors of the server and exit with 1: %s', async (_, args, key, message) => {
    const { code, stdout, stderr } = await sori(args, key);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^sori: .*\n$/);
  });

  it('report a missing server', async () => {
    const { code, stderr } = await runSori(['usage'], { url: new URL('http://127.0.0.1:1') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sori: http:\/\/127\.0\.0\.1:1 can't be reached: .*\n$/);
  });
});

describe('sori sign', () => {
  it('prints a URL that works without a key and is charged to the key that signed it', async () => {
    const { id, key } = await made('--name', 'signer', '--scopes', 'speech,usage:read');
    const signed = await sori(
      ['sign', 'Your table is ready.', '--voice', 'clara', '--format', 'wav', '--expires', '7d'],
      key,
    );
    expect([signed.code, signed.stderr]).toEqual([0, '']);
    const url = new URL(signed.stdout.trim());
    expect(url.origin).toBe(server.url.origin);
    expect(url.searchParams.get('by')).toBe(id);
    const audio = await fetch(url);
    expect([audio.status, audio.headers.get('Content-Type'), audio.headers.get('X-Cache')]).toEqual([
      200,
      'audio/wav',
      'miss',
    ]);
    expect(Buffer.from(await audio.arrayBuffer()).toString('latin1', 0, 4)).toBe('RIFF');
    url.searchParams.set('voice', 'hazel');
    expect((await fetch(url)).status).toBe(403);

    // Usage is written after the answer.
    const used = async () => {
      const headers = { Authorization: `Bearer ${key}` };
      const response = await fetch(new URL(`/v1/usage?key=${id}`, server.url), { headers });
      return ((await response.json()) as { total: { characters: number } }).total.characters;
    };
    await expect.poll(used, { timeout: 20_000 }).toBe('Your table is ready.'.length);
    const { stdout } = await sori(['usage', '--by', 'day,key', '--key', id], key);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/);
    expect(lines[1]).toMatch(/^DAY +KEY +REQUESTS +HITS +CHARACTERS +AUDIO S$/);
    expect(lines.at(-2)).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d +${id} +\\d+ +\\d+ +20 +\\d+\\.\\d$`));
    expect(lines.at(-1)).toMatch(/^in all .* 20 /);
  });

  it('accepts every field, and a text from standard input', async () => {
    const args = [
      'sign',
      '-',
      '--voice',
      'clara',
      '--speed',
      '1.5',
      '--set',
      'pitch=-1',
      '--set',
      'seed=7',
      '--json',
    ];
    const { stdout, stderr } = await runSori(args, {
      url: server.url,
      apiKey: admin,
      stdin: 'Café & more.\n',
    });
    expect(stderr).toBe('');
    const { url, expires_at } = JSON.parse(stdout) as { url: string; expires_at: string };
    const { searchParams } = new URL(url);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      input: 'Café & more.',
      voice: 'clara',
      speed: '1.5',
      pitch: '-1',
      seed: '7',
    });
    expect(Number(searchParams.get('exp')) * 1000).toBe(Date.parse(expires_at));
    expect((await fetch(url)).status).toBe(200);
  });

  it('reports errors of the server', async () => {
    const { code, stderr } = await sori(['sign', 'Hello.', '--voice', 'nobody']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sori: .*nobody.*\(400 unknown_voice, request \S+\)\n$/);
  });

  it('signs without a server, with one of the server’s keys', async () => {
    const args = ['sign', 'Offline.', '--voice', 'clara', '--expires', '1h', '--url'];
    const env = { SORI_SIGNING_KEY: SIGNING_KEYS };
    const there = await runSori([...args, server.url.href], { env });
    expect([there.code, there.stderr]).toEqual([0, '']);
    expect((await fetch(there.stdout.trim())).status).toBe(200);

    const nowhere = await runSori([...args, 'https://sori.example.com/tts'], { env });
    expect(nowhere.stdout).toMatch(/^https:\/\/sori\.example\.com\/tts\/v1\/audio\/speech\?exp=/);
    const wrong = await runSori(['sign', 'Offline.', '--set', 'loudness=9'], { env });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/^sori: loudness must be .*\n$/)]);
  });
});

describe('sori jobs', () => {
  const words = 'The table by the window is ready for you. ';

  it('creates, watches, lists and fetches', async () => {
    const out = `${folder.path}/book.mp3`;
    await writeFile(`${folder.path}/book.txt`, words.repeat(100));
    const fields = ['--set', 'diffusion_steps=0', '--voice', 'clara'];
    const created = await sori([
      'jobs',
      'create',
      '--file',
      `${folder.path}/book.txt`,
      ...fields,
      '--out',
      out,
    ]);
    expect(created).toMatchObject({ code: 0, stderr: expect.stringMatching(/: long_form, succeeded, /) });
    expect(created.stderr).toMatch(/^running: \d+ of \d+ steps$/m);
    const id = created.stdout.trim();
    const audio = await readFile(out);
    expect(audio.length).toBeGreaterThan(100_000);

    const again = `${folder.path}/again.mp3`;
    expect((await sori(['jobs', 'fetch', id, '--out', again])).code).toBe(0);
    expect(Buffer.compare(await readFile(again), audio)).toBe(0);
    const listed = await sori(['jobs', 'list', '--state', 'succeeded']);
    expect(listed.stdout).toMatch(
      new RegExp(`^JOB +KIND +STATE +CREATED\\n${id} +long_form +succeeded +\\d{4}-`),
    );
    expect((await sori(['jobs', 'watch', id, '--json'])).stdout).toContain('"state": "succeeded"');
    expect((await sori(['jobs', 'cancel', id])).stderr).toMatch(/already succeeded.*\(409 job_conflict, /);
  });

  it('runs a batch', async () => {
    const body = { model: 'sori-2', voice: 'clara', input: 'Hi.', diffusion_steps: 0 };
    const line = { custom_id: 'a', method: 'POST', url: '/v1/audio/speech', body };
    await writeFile(`${folder.path}/menu.jsonl`, JSON.stringify(line));
    const { code, stdout } = await sori([
      'jobs',
      'create',
      '--batch',
      `${folder.path}/menu.jsonl`,
      '--watch',
    ]);
    expect(code).toBe(0);
    const fetched = await sori(['jobs', 'fetch', stdout.trim(), '--out', '-']);
    expect(JSON.parse(fetched.stdout)).toMatchObject({ custom_id: 'a', response: { status_code: 200 } });
  });

  it.each([
    [['jobs', 'create'], 2, /^sori: give one of: a text, --file, --batch, --body\.\n$/],
    [['jobs', 'create', 'Hi.', '--voice', 'nobody'], 1, /^sori: .*nobody.*\(400 unknown_voice, /],
    [
      ['jobs', 'create', '--file', '/nowhere/x.txt'],
      1,
      /^sori: \/nowhere\/x\.txt can't be opened: there is no/,
    ],
    [['jobs', 'fetch', 'job_none'], 1, /^sori: Unknown job.*\(404 unknown_job, /],
  ])('reports errors: %j', async (args, code, message) => {
    expect(await sori(args as string[])).toMatchObject({
      code,
      stderr: expect.stringMatching(message as RegExp),
    });
  });
});

it('sori voices lists voices of a language', async () => {
  const { stdout } = await sori(['voices', '--language', 'en']);
  expect(stdout).toMatch(/^VOICE +LANGUAGE +SEX +MODEL +DESCRIPTION\n/);
  expect(stdout).toMatch(/^clara +en-US +female +sori-2 +\S/m);
  expect((await sori(['voices', '--language', 'fr'])).stdout).toBe('There are no such voices.\n');
});

it('Ctrl-C ends a command at once, with 130', async () => {
  const silent = createServer();
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as { port: number };
  const ended = runSori(['usage'], {
    url: new URL(`http://127.0.0.1:${port}`),
    onStart: (child) => silent.once('request', () => child.kill('SIGINT')),
  });
  expect((await ended).code).toBe(130);
  silent.closeAllConnections();
  silent.close();
});

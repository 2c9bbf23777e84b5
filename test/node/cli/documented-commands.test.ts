import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { codeBlocks, commandsOf, documentation } from '../../support/documentation.ts';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';
import { checkWranglerCommand } from '../../support/wrangler-commands.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
const pages = documentation();
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The value of `SORI_API_KEY`. */
const ADMIN_KEY = 'the-key-of-the-administrator';
const MONOLOGUE =
  'This is how I read when nobody is in a hurry: evenly, and with a pause where a pause belongs. ' +
  'The last train leaves at ten, so we have all the time in the world.';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningServer;
/** Working folder of the commands. `me.wav`, `prompts.yaml` and `star.json` are in it. */
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'sori-documented-'));
  folder = await serverFolder();
  const ADMIN_KEY_SHA256 = createHash('sha256').update(ADMIN_KEY).digest('hex');
  server = await runServer(folder.path, { env: { ADMIN_KEY_SHA256 } });
  const say = [
    'scripts/say.ts',
    MONOLOGUE,
    '--out',
    join(work, 'me.wav'),
    '--quiet',
    '--diffusion-steps',
    '0',
  ];
  await run(process.execPath, say, { cwd: ROOT });
  const [prompts] = pages
    .flatMap((page) => codeBlocks(page, 'yaml'))
    .filter((code) => code.includes('prompts.yaml'));
  await writeFile(join(work, 'prompts.yaml'), prompts);
  const score = pages.flatMap((page) => codeBlocks(page, 'json')).find((code) => code.includes('"lyric"'));
  await writeFile(join(work, 'star.json'), score!);
}, 300_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
  await rm(work, { recursive: true, force: true });
});

/**
 * In place of npm, which takes a third of a second to start, Node runs the script of the package. Commands of the README go through npm
 * itself.
 */
const RUN_SCRIPT = `npm() {
  if [ "$1" = --prefix ]; then shift 2; fi
  if [ "$1" != run ]; then command npm "$@"; return; fi
  shift
  (export INIT_CWD="$PWD" npm_lifecycle_event="$1"; cd '${ROOT}' && exec '${process.execPath}' --run "$@")
}
`;
let throughNpm = false;

const shell = async (command: string, cwd = work) => {
  const { origin } = server.url;
  const settings = {
    SORI_URL: origin,
    SORI_API_KEY: ADMIN_KEY,
    INIT_CWD: work,
    WRANGLER_SEND_METRICS: 'false',
  };
  const env = { ...process.env, ...settings };
  const { stdout, stderr } = await run('bash', ['-c', (throughNpm ? '' : RUN_SCRIPT) + command], {
    cwd,
    env,
  });
  return stdout + stderr;
};

const outputs = new Map<string, Promise<string>>();

/** Output of a command of the repository that changes nothing. It runs once, however many pages have it. */
function unchanging(command: string): Promise<string> {
  const output = outputs.get(command) ?? shell(command, ROOT);
  outputs.set(command, output);
  return output;
}

/** Runs a command against the server and looks at what it writes. */
async function runHere(line: string): Promise<void> {
  const command = line
    .replaceAll('http://localhost:8787', server.url.origin)
    .replace('curl', 'curl --silent --fail-with-body')
    .replace('npm run', `npm --prefix ${ROOT} run`);
  const output = await shell(command);
  const written = /(?: -o | --out | --zip | report )(\S+)$/.exec(line)?.[1];
  if (written === undefined) return expect(output).not.toBe('');
  const out = await readFile(join(work, written));
  if (line.includes('/v1/styles')) expect(JSON.parse(out.toString()).id).toMatch(/^sty_/);
  else if (line.includes('.vtt')) expect(out.toString()).toMatch(/^WEBVTT\n/);
  else expect(out.length).toBeGreaterThan(1000);
}

/** Speaks with the embedded model, into the working folder. */
async function runSay(line: string): Promise<void> {
  const outputs = [...line.matchAll(/(?<=--(?:out|plot) )\S+/g)].map(([name]) => name);
  const command = outputs.reduce((text, name) => text.replace(` ${name}`, ` ${join(work, name)}`), line);
  const output = await shell(command, ROOT);
  for (const name of outputs) {
    const head = (await readFile(join(work, name))).toString('latin1', 0, 4);
    expect(head).toBe(name.endsWith('.png') ? '\x89PNG' : 'RIFF');
  }
  if (line.includes('--explain')) expect(output).toMatch(/^word +phoneme/m);
  if (outputs.length === 0) expect(output).toMatch(/hazel|Usage/);
}

/** Sings with the embedded model, into the working folder. */
async function runSing(line: string): Promise<void> {
  const command = line
    .replace('star.json', join(work, 'star.json'))
    .replace('star.mp3', join(work, 'star.mp3'));
  await shell(command, ROOT);
  if (!line.includes('--help')) expect((await readFile(join(work, 'star.mp3'))).length).toBeGreaterThan(1000);
}

/** A command of wrangler that needs an account: it exists and takes these arguments. */
async function checkWrangler(line: string): Promise<void> {
  for (const command of line.split(' && ')) checkWranglerCommand(command.split(' ').slice(2));
}

async function checkCompose(line: string): Promise<void> {
  const file = /-f (\S+)/.exec(line)![1];
  const { services } = parse(await readFile(join(ROOT, file), 'utf8'));
  expect(existsSync(join(ROOT, services.origin.build.dockerfile))).toBe(true);
}

/** A script that other tests, or CI, run as it is written here. */
async function isScript(line: string): Promise<void> {
  for (const [, name] of line.matchAll(/npm (?:run )?([\w:]+)/g)) {
    expect(name === 'ci' || name in scripts, name).toBe(true);
  }
}

async function isModelsCommand(line: string): Promise<void> {
  const [, command] = /models (\w+)/.exec(line)!;
  expect(await unchanging('npm run sori -- models --help')).toMatch(new RegExp(`^ *${command}\\b`, 'm'));
}

async function isSoriCommand(line: string): Promise<void> {
  const [, command] = /sori (\w+)/.exec(line)!;
  expect(await unchanging('npm run sori -- --help')).toMatch(new RegExp(`^ *${command}\\b`, 'm'));
}

async function isRoute(line: string): Promise<void> {
  const { pathname } = new URL(/http:\S+/.exec(line)![0]);
  const { paths } = (await (await fetch(new URL('/openapi.json', server.url))).json()) as { paths: object };
  expect(paths).toHaveProperty([pathname]);
}

async function hasTests(line: string): Promise<void> {
  expect(await readdir(join(ROOT, line.split(' ').at(-1)!))).toContainEqual(
    expect.stringMatching(/\.test\.ts$/),
  );
}

/** How a command is run, by a pattern of its beginning. The first match is used. */
const WAYS: readonly (readonly [pattern: RegExp, way: (line: string) => Promise<unknown>])[] = [
  // These need a folder with another maker's model. test/contract/models and the tests of `sori models` run them.
  [/^npm run sori -- models /, isModelsCommand],
  [/^node scripts\/models\/\S+/, (line) => unchanging(`${/^node \S+/.exec(line)![0]} --help`)],
  [/^curl http:\/\/localhost:8788\//, isRoute],
  [
    /^SORI_TEST_MODELS=\S+ (?:SORI_TEST_RECORDING=\S+ )?npx vitest run --project node test\/contract\/models$/,
    hasTests,
  ],
  [/^curl /, runHere],
  [/^npm run sori /, runHere],
  [/^npm run say /, runSay],
  [/^npm run sing /, runSing],
  // test/node/cli/start.test.ts starts the server, and .ci/run runs the checks.
  // test/node/cli/package.test.ts builds the package and runs its commands.
  [/^npm run package$/, isScript],
  // test/node/cli/setup.test.ts runs them against a stand-in for wrangler.
  [/^npm run (?:setup|teardown) -- --dry-run$/, unchanging],
  [/^npm run setup$/, isScript],
  [/^npx sori /, isSoriCommand],
  [/^npm (?:ci|start|test)\b|^npm run (?:dev|check|layers|knip|studio)$/, isScript],
  [/^ORIGINS=\S+ npm start$/, isScript],
  // test/node/cli/deploy.test.ts runs both halves against a stand-in for Cloudflare's API.
  [/^npm run deploy$/, isScript],
  [/^npx wrangler /, checkWrangler],
  [
    /^npm run shards:publish -- --remote/,
    (line) => unchanging(`${line.replace(' --dry-run', '')} --dry-run`),
  ],
  [/^npm run shards:publish -- --help$/, unchanging],
  [/^npm run shards:verify /, unchanging],
  [/^npm run (?:bench|origin|test:faults) -- --help$/, unchanging],
  // test/node/origin starts it in a process of its own.
  [/^npm run origin\b/, () => unchanging('npm run origin -- --help')],
  [/^export ORIGIN_SECRETS=/, (line) => shell(`${line}; [[ $ORIGIN_SECRETS =~ ^k1:[0-9a-f]{64}$ ]]`)],
  [/^docker compose /, checkCompose],
  [
    /^docker buildx build /,
    async (line) => expect(existsSync(join(ROOT, /-f (\S+)/.exec(line)![1]))).toBe(true),
  ],
  // These write into src and shards. test/unit/scripts runs them on small inputs.
  [/^npm run (?:kernel:build|stack:build|lexicon|shards:pack|docs:vendor)\b/, isScript],
];

// Commands run in the order of their page, because later ones use the results of earlier ones.
describe.each(pages.filter((page) => commandsOf(page).length > 0))('$path', (page) => {
  beforeAll(() => {
    throughNpm = page.path === 'README.md';
  });
  it.each(commandsOf(page))('%s', async (line) => {
    const way = WAYS.find(([pattern]) => pattern.test(line))?.[1];
    expect(way, 'Add a way to run this command to WAYS.').toBeDefined();
    await way!(line);
  });
});

it.each(pages.flatMap((page) => codeBlocks(page, 'ts').map((code) => ({ path: page.path, code }))))(
  'the TypeScript of $path runs',
  async ({ code }) => {
    const program = `${code.replace('http://localhost:8787', server.url.origin)}
      console.log((await speech.arrayBuffer()).byteLength);`;
    const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', program], {
      cwd: ROOT,
    });
    expect(Number(stdout)).toBeGreaterThan(1000);
  },
);

it('uses existing npm scripts only', () => {
  const named = pages.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

/** `npm start`: the Worker on this machine, with the models in shards/ in a local bucket. No account, no network. */
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { authOffAllowed } from '../src/http/loopback.ts';
import { buildStudioIfChanged } from './lib/build-studio.ts';
import { type DevServer, type DevServerOptions, isFree, startDevServer } from './lib/dev-server.ts';
import { DEFAULT_PERSIST } from './lib/local-bucket.ts';
import { migrateLocalDatabase } from './lib/local-database.ts';
import { newLocalToken, startLocalProxy } from './lib/local-proxy.ts';
import { localSigningKeys } from './lib/local-secrets.ts';
import { NoModel, seedModels } from './lib/seed-models.ts';
import { checkServedModel } from './lib/served-model.ts';

interface Flags {
  port: number;
  host: string;
  shards: string;
  persistTo: string;
  auth: boolean;
  watch: boolean;
  worker?: string;
}

const NODE_AT_LEAST = [22, 12];
/** The first answer of `/readyz` takes the time of a build and of loading the models. */
const READY_ATTEMPT_MS = 30_000;
const READY_ATTEMPTS = 4;
const ROOT = resolve(import.meta.dirname, '..');
/** The embedded models, for which the Worker needs no other runtime than the stack kernel. */
const OWN_MODELS = join(ROOT, 'shards');

function parsePort(value: string): number {
  const parsed = Number(value);
  if (!/^\d+$/.test(value) || parsed > 65_535)
    throw new InvalidArgumentError('expected a port from 0 to 65535.');
  return parsed;
}

/** A failure without a stack trace: the user can correct it. */
class Refusal extends Error {}

/** The Worker answers, and can't speak. */
class NotReady extends Refusal {}

function checkNode(): void {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1])) return;
  throw new Refusal(
    `Node ${process.versions.node} is too old for wrangler (${NODE_AT_LEAST.join('.')} or newer). ` +
      '"npm start" uses the one that "npm ci" installs.',
  );
}

/** @throws {NotReady} when a file of the local bucket is missing or damaged, also one that is loaded later. */
async function checkModels(url: URL, models: readonly string[]): Promise<void> {
  for (const model of models) {
    const [first] = await checkServedModel(url, model);
    if (first) throw new NotReady(`The Worker is not ready: ${model}/${first.file} ${first.problem}.`);
  }
}

/** Asks again after a while, since a rebuild meanwhile may lose a request. */
async function waitUntilReady(url: URL): Promise<void> {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    const signal = AbortSignal.timeout(READY_ATTEMPT_MS);
    const response = await fetch(new URL('/readyz', url), { signal }).catch(() => undefined);
    if (response?.ok) return;
    if (response)
      throw new NotReady(`The Worker is not ready (${response.status}): ${await response.text()}`);
  }
  throw new Refusal(
    `The Worker did not answer for ${(READY_ATTEMPTS * READY_ATTEMPT_MS) / 1000} s; see above.`,
  );
}

function greet(url: URL, auth: boolean): void {
  const base = url.href.replace('127.0.0.1', 'localhost').replace(/\/$/, '');
  const phrase = { model: 'sori-2', voice: 'hazel', input: 'Your table is ready.' };
  const key = auth ? `    -H "Authorization: Bearer $SORI_API_KEY" \\\n` : '';
  console.log(`
Sori is ready at ${base}

  curl ${base}/v1/audio/speech \\
${key}    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(phrase)}' \\
    -o hello.mp3
${auth && !process.env.ADMIN_KEY_SHA256 ? '\nAPI keys are required. Create the first one: npm run sori -- keys admin\n' : ''}
Press Ctrl-C to stop.
`);
}

/** Variables of the Worker that may come from this process's environment: those that do not affect access control. */
const PASSED_ON = [
  'ADMIN_KEY_SHA256',
  'CORS_ORIGINS',
  'JOB_WAIT_HOURS',
  'KEEP_AUDIO_DAYS',
  'KEEP_JOBS_DAYS',
  'KEEP_VERSIONS',
  'LOG_TEXT',
  'ORIGINS',
  'ORIGIN_HEDGE_MS',
  'ORIGIN_SECRETS',
  'VOICE_CONSENT',
  'WEBHOOK_PORTS',
  'WEBHOOK_SECRETS',
] as const;

/** Recordings are accepted, because the user of this server owns the machine. */
function varsOf(auth: boolean, persistTo: string, token: string): Record<string, string> {
  const given = PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return {
    REFERENCE_STYLES: 'on',
    // Receivers on this machine are allowed only where no other machine reaches the server.
    ALLOW_INSECURE_WEBHOOKS: auth ? 'off' : 'on',
    AUTH: auth ? 'on' : 'off',
    ...(!auth && { LOCAL_TOKEN: token }),
    SIGNING_KEYS: localSigningKeys(persistTo),
    ...Object.fromEntries(given),
  };
}

async function main({ port, host, shards, persistTo, watch, worker, ...flags }: Flags): Promise<void> {
  checkNode();
  // The Worker refuses to leave keys off where others can reach it.
  const auth = flags.auth || !authOffAllowed(host);
  if (port !== 0 && !(await isFree(host, port))) {
    throw new Refusal(`Port ${port} is in use. Choose another one: PORT=${port + 1} npm start`);
  }
  await buildStudioIfChanged();
  const models = await seedModels(shards, persistTo);
  const migrated = await migrateLocalDatabase({ persistTo });
  if (migrated.length > 0) console.log(`Brought the local database up to date: ${migrated.join(', ')}.`);
  const token = newLocalToken();
  const vars = varsOf(auth, persistTo, token);
  const bundled = worker !== undefined;
  const entry = bundled
    ? { entrypoint: resolve(worker), bundled }
    : { anyGraph: resolve(shards) !== OWN_MODELS };
  const options = { host, port, persistTo, watch, vars, ...entry };
  const start = () => (auth ? startDevServer(options) : startGuarded(options, token));
  let server = await start();
  endWith(() => server);
  try {
    await waitUntilReady(server.url);
    await checkModels(server.url, models);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    console.log(`${error.message}\nCopying the models into the local bucket again.`);
    await server[Symbol.asyncDispose]();
    await seedModels(shards, persistTo, true);
    server = await start();
    await waitUntilReady(server.url);
  }
  greet(server.url, auth);
}

/** Starts the Worker without keys, where only requests of this machine reach it. */
async function startGuarded(options: DevServerOptions, token: string): Promise<DevServer> {
  const { host = '127.0.0.1', port } = options;
  const worker = await startDevServer({ ...options, host: '127.0.0.1', port: 0 });
  try {
    const proxy = await startLocalProxy({ host, port, target: worker.url, token });
    const dispose = async () => {
      await proxy[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
    };
    return { url: proxy.url, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
}

function endWith(server: () => DevServer): void {
  let ending = false;
  const end = async () => {
    // npm passes on the Ctrl-C that this process gets from the terminal too.
    if (ending) return;
    ending = true;
    await server()[Symbol.asyncDispose]();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Miniflare's own listeners would end the process with an error code before everything is closed.
    process.removeAllListeners(signal);
    process.on(signal, end);
  }
}

await new Command('start')
  .description('Run the Worker on this machine, with the models in shards/.')
  .addOption(
    new Option('--port <port>', 'port to listen on, 0 for any')
      .env('PORT')
      .argParser(parsePort)
      .default(8787),
  )
  .option(
    '--host <address>',
    'address to listen on; 0.0.0.0 for all networks, which implies --auth',
    '127.0.0.1',
  )
  .option('--shards <folder>', 'folder with a folder per model', OWN_MODELS)
  .option('--persist-to <folder>', "where wrangler's local state lies", join(ROOT, DEFAULT_PERSIST))
  .option(
    '--auth',
    'require API keys, as when deployed; ADMIN_KEY_SHA256 in the environment sets the administrator key',
    false,
  )
  .option('--watch', 'rebuild and reload when a source file changes', false)
  .option('--no-watch', 'the default')
  // Tests start many servers: they bundle the Worker once.
  .addOption(new Option('--worker <file>', 'a Worker that is bundled already').hideHelp())
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    console.error(error instanceof Refusal || error instanceof NoModel ? error.message : error);
    // Not exitCode: whatever wrangler has started would keep the process alive.
    process.exit(1);
  });

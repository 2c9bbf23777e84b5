/** The origin: the Worker's HTTP interface on Node, with the native runtime. `npm run origin -- --help` explains its configuration. */
import { assembleOrigin, type Origin } from './origin/assemble.ts';
import { ConfigError, readConfig } from './origin/config.ts';
import { Drain } from './origin/drain.ts';
import { listen } from './origin/server.ts';
import { readTls } from './origin/tls.ts';
import { helpText } from './origin/variables.ts';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const tls = config.tls && readTls(config.tls);
  const drain = new Drain();
  const origin = await assembleOrigin(config, drain);
  const { host, port } = config;
  const localGuard = config.auth || config.guarded ? undefined : { corsOrigins: config.corsOrigins };
  const { server, url } = await listen({ app: origin.app, drain, host, port, localGuard, tls });
  greet(url, origin);
  if (config.auth && !config.originKeys && config.adminKeyHash === undefined) {
    console.log('It asks for API keys. For the first: npm run sori -- keys admin');
  }

  let signals = 0;
  const end = async () => {
    if (++signals > 1) process.exit(1);
    console.log(`Ending; requests under way: ${drain.open}.`);
    const late = setTimeout(() => {
      console.error(`Ended after ${config.drainTimeoutMs / 1000} s; requests under way: ${drain.open}.`);
      process.exit(1);
    }, config.drainTimeoutMs);
    const drained = drain.end();
    await origin.rest();
    await drained;
    server.close();
    server.closeAllConnections();
    origin.close();
    clearTimeout(late);
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function greet(url: URL, { inference, migrated }: Origin): void {
  if (migrated.length > 0) console.log(`Brought the database up to date: ${migrated.join(', ')}.`);
  for (const { provider, reason } of inference?.refused ?? []) console.log(`Not ${provider}: ${reason}`);
  console.log(`Sori's origin speaks at ${url.origin} (${inference?.backend})`);
}

function refuse(error: unknown): never {
  const known = error instanceof ConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  console.error(known ? (error as Error).message : error);
  process.exit(1);
}

const [, , ...args] = process.argv;
if (args.includes('--help') || args.includes('-h')) console.log(helpText());
else if (args.length > 0) refuse(new ConfigError(`There is no ${args[0]}; --help tells what there is.`));
else await main().catch(refuse);

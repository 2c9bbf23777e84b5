import { assembleOrigin, type Origin } from './assemble.ts';
import { readConfig } from './config.ts';
import { Drain } from './drain.ts';
import { listen } from './server.ts';
import { readTls } from './tls.ts';

/**
 * Runs an origin until SIGTERM or SIGINT.
 * @param env variables as {@link readConfig} takes them.
 * @throws {ConfigError} for a mistake in them; Node's error when the port cannot be listened on.
 */
export async function runOrigin(env: NodeJS.ProcessEnv): Promise<URL> {
  const config = readConfig(env);
  const tls = config.tls && readTls(config.tls);
  const drain = new Drain();
  const origin = await assembleOrigin(config, drain);
  const { host, port } = config;
  const localGuard = config.auth || config.guarded ? undefined : { corsOrigins: config.corsOrigins };
  const { server, url } = await listen({ app: origin.app, drain, host, port, localGuard, tls });
  greet(url, origin);
  if (config.auth && !config.originKeys && config.adminKeyHash === undefined) {
    console.log('API keys are required. Create the first one: npm run sori -- keys admin');
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
  return url;
}

function greet(url: URL, { inference, migrated }: Origin): void {
  if (migrated.length > 0) console.log(`Brought the database up to date: ${migrated.join(', ')}.`);
  for (const { provider, reason } of inference?.refused ?? []) console.log(`Not ${provider}: ${reason}`);
  console.log(`The origin is ready at ${url.origin} (${inference?.backend})`);
}

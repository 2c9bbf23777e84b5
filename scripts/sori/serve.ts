/** `sori serve`: the HTTP interface on this machine, without wrangler. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigError } from '../../src/origin/config.ts';
import { userPath } from '../lib/user-path.ts';
import { CommandError } from './failures.ts';
import { port } from './flags.ts';

interface Flags {
  port: number;
  host: string;
  auth: boolean;
  shards: string;
  state: string;
}

const SHARDS = resolve(import.meta.dirname, '../../shards');

/** The `serve` command. */
export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Serve the HTTP interface and the studio page on this machine, from the model of this package.',
    )
    .addOption(new Option('-p, --port <port>', '0 for any').env('PORT').argParser(port).default(8787))
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all, and then with --auth', '127.0.0.1')
    .option('--auth', 'ask for API keys; ADMIN_KEY_SHA256 in the environment lets you in', false)
    .addOption(new Option('--shards <folder>', 'folder that holds the models').env('SHARDS').default(SHARDS))
    .addOption(
      new Option('--state <folder>', 'folder of the database and the audio')
        .env('STATE_DIR')
        .default(join(homedir(), '.sori')),
    )
    .addHelpText(
      'after',
      `
The other settings of an origin are variables of the environment: docs/origin.md has them.

Examples:
  npm run sori -- serve
  npm run sori -- serve --port 8800 --state ./state`,
    )
    .action(async ({ auth, ...flags }: Flags) => {
      // Other commands end when their output pipe is closed. A server continues without a reader of its log.
      for (const stream of [process.stdout, process.stderr]) {
        stream.removeAllListeners('error').on('error', () => {});
      }
      // Loaded only here: it takes a while.
      const { runOrigin } = await import('../../src/origin/run.ts');
      const url = await runOrigin({
        ...process.env,
        AUTH: auth ? 'on' : 'off',
        PORT: String(flags.port),
        HOST: flags.host,
        SHARDS: /^https?:|^bucket$/.test(flags.shards) ? flags.shards : userPath(flags.shards),
        STATE_DIR: userPath(flags.state),
      }).catch((error: Error) => {
        if (error instanceof ConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
          throw new CommandError(error.message);
        }
        throw error;
      });
      const key = auth ? '-H "Authorization: Bearer $SORI_API_KEY" ' : '';
      console.log(`
  curl ${url.origin}/v1/audio/speech ${key}-H 'Content-Type: application/json' \\
    -d '{"model": "sori-2", "voice": "hazel", "input": "Your table is ready."}' -o hello.mp3

Press Ctrl-C to stop.`);
    });
}

/** The origin: the Worker's HTTP interface on Node, with the native runtime. `npm run origin -- --help` explains its configuration. */
import { ConfigError } from './origin/config.ts';
import { runOrigin } from './origin/run.ts';
import { helpText } from './origin/variables.ts';

function refuse(error: unknown): never {
  const known = error instanceof ConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  console.error(known ? (error as Error).message : error);
  process.exit(1);
}

const [, , ...args] = process.argv;
if (args.includes('--help') || args.includes('-h')) console.log(helpText());
else if (args.length > 0) refuse(new ConfigError(`Unknown argument ${args[0]}. See --help.`));
else await runOrigin(process.env).catch(refuse);

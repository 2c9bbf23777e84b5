/** `npm run say`: the command `sori say`. */
import { describeFault } from './lib/describe-fault.ts';
import { sayCommand } from './say/command.ts';

await sayCommand()
  .parseAsync()
  .catch((error: Error) => {
    console.error(`say: ${describeFault(error) ?? error.message}`);
    process.exitCode = 1;
  });

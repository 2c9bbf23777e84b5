#!/usr/bin/env node
/** `npm run sori -- …`: the prompt catalogue, signed addresses, keys and usage of a server. */
import { runProgram } from './sori/program.ts';

// Whoever reads the output has had enough, as `| head` has: nothing is wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));

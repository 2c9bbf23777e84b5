#!/usr/bin/env node
/** `npm run sori -- …`: the prompt catalogue, signed addresses, keys and usage of a server. */
import { runProgram } from './sori/program.ts';

// The reader has closed the pipe, as `| head` does: not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));

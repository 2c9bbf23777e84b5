#!/usr/bin/env node
/** `npm run sori -- …`: the prompt catalogue, signed addresses, keys and usage of a server. */
import { runProgram } from './sori/program.ts';

process.exitCode = await runProgram(process.argv.slice(2));

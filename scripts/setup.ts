/** `npm run setup`: from a clone to a deployed Worker that has spoken its first phrase. It may be run again at any time. */
import { runSetup } from './setup/run.ts';

process.exitCode = await runSetup(process.argv.slice(2));

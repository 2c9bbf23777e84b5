/** `npm run teardown`: removes what `npm run setup` has made from the Cloudflare account. */
import { runTeardown } from './setup/teardown.ts';

process.exitCode = await runTeardown(process.argv.slice(2));

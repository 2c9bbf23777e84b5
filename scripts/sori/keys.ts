/** `sori keys`: API keys of a server. */
import type { z } from '@hono/zod-openapi';
import { Command, Option } from 'commander';
import { toHex } from '../../src/base/hex.ts';
import { hashApiKey, newApiKey, newKeyId } from '../../src/features/keys/api-key.ts';
import type { keySchema, madeKeySchema } from '../../src/features/keys/schema.ts';
import type { Scope } from '../../src/http/access.ts';
import type { SoriClient } from './client.ts';
import { sessionOf } from './config.ts';
import { count, duration, rate, scopes } from './flags.ts';
import { printJson, table, when } from './output.ts';

type Key = z.infer<typeof keySchema>;
type MadeKey = z.infer<typeof madeKeySchema>;

interface KeyPage {
  readonly data: readonly Key[];
  readonly next: string | null;
}

interface CreateFlags {
  name: string;
  scopes: Scope[];
  rate?: string;
  monthlyChars?: number;
  expires?: number;
}

/** Maximum keys on a page of the list. */
const PAGE = 1000;

/** The `keys` command. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('Create, list, rotate and revoke API keys. Needs a key with the scope keys:write.')
    .addCommand(create())
    .addCommand(list())
    .addCommand(rotate())
    .addCommand(revoke())
    .addCommand(admin())
    .addHelpText(
      'after',
      `
Examples:
  npm run sori -- keys create --name ci --scopes speech,prompts:write --rate 60/m --monthly-chars 1000000 --expires 90d
  npm run sori -- keys rotate 4f9K2mQx7PzL --overlap 1h
  npm run sori -- keys admin`,
    );
}

function create(): Command {
  return new Command('create')
    .description('Create a key. It is shown once: the server stores only its SHA-256.')
    .requiredOption('--name <name>', 'name of the key')
    .requiredOption(
      '--scopes <scopes>',
      'scopes: speech, prompts:read, prompts:write, usage:read, keys:write',
      scopes,
    )
    .option(
      '--rate <rate>',
      'requests a minute: 10/m, 60/m, 300/m, 1000/m, 5000/m or unlimited (default: 300/m)',
      rate,
    )
    .option(
      '--monthly-chars <count>',
      'characters per month that it may synthesize (default: unlimited)',
      count,
    )
    .option('--expires <time>', 'lifetime: 24h, 90d, 1y (default: until it is revoked)', duration)
    .action(async (flags: CreateFlags, command: Command) => {
      const { client, json } = sessionOf(command);
      const body = {
        name: flags.name,
        scopes: flags.scopes,
        rate: flags.rate,
        monthly_characters: flags.monthlyChars,
        expires_in: flags.expires,
      };
      show(await client.json<MadeKey>('POST', '/v1/keys', { body }), json);
    });
}

function list(): Command {
  return new Command('list')
    .description('List keys, the newest first.')
    .option('--all', 'include revoked and expired keys', false)
    .action(async ({ all }: { all: boolean }, command: Command) => {
      const { client, json } = sessionOf(command);
      const now = Date.now() / 1000;
      const keys = (await allKeys(client)).filter((key) => all || stateOf(key, now) === 'live');
      if (json) return printJson(keys);
      if (keys.length === 0) return console.log('There are no keys.');
      console.log(
        table(keys, [
          { heading: 'ID', value: ({ id }) => id },
          { heading: 'NAME', value: ({ name }) => name },
          { heading: 'SCOPES', value: (key) => key.scopes.join(',') },
          { heading: 'RATE', value: (key) => key.rate ?? 'any', right: true },
          { heading: 'CHARS/MONTH', value: (key) => key.monthly_characters ?? 'any', right: true },
          { heading: 'MADE', value: (key) => time(key.created_at) },
          { heading: 'EXPIRES', value: (key) => time(key.expires_at) },
          { heading: 'LAST USED', value: (key) => time(key.last_used_at) },
          ...(all ? [{ heading: 'STATE', value: (key: Key) => stateOf(key, now) }] : []),
        ]),
      );
    });
}

function rotate(): Command {
  return new Command('rotate')
    .description('Give a key a new secret. Id, scopes, limits and usage stay the same.')
    .argument('<id>', 'the middle part of the key: sori_<id>_…')
    .addOption(
      new Option('--overlap <time>', 'how long the old secret stays valid; 0 revokes it at once')
        .argParser((value) => (/^0s?$/.test(value) ? 0 : duration(value)))
        .default(3600, '1h'),
    )
    .action(async (id: string, { overlap }: { overlap: number }, command: Command) => {
      const { client, json } = sessionOf(command);
      const body = { overlap_seconds: overlap };
      show(await client.json<MadeKey>('POST', `/v1/keys/${encodeURIComponent(id)}/rotate`, { body }), json);
    });
}

function revoke(): Command {
  return new Command('revoke')
    .description('Revoke a key. It stops working everywhere within a minute.')
    .argument('<id>', 'the middle part of the key: sori_<id>_…')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, json } = sessionOf(command);
      const key = await client.json<Key>('DELETE', `/v1/keys/${encodeURIComponent(id)}`);
      if (json) printJson(key);
      else console.log(`Revoked ${key.id} (${key.name}). It stops working within a minute.`);
    });
}

function admin(): Command {
  return new Command('admin')
    .description(
      "Make an administrator's key, which may do everything, and show how to install it. Asks no server.",
    )
    .action(async (_flags: object, command: Command) => {
      const { json } = sessionOf(command);
      const key = newApiKey(newKeyId());
      const sha256 = toHex(await hashApiKey(key));
      if (json) return printJson({ key, sha256 });
      console.log(`${key}

Keep it: it is shown once. The server needs no more than its SHA-256:

  ${sha256}

On Cloudflare, give it this when it asks:

  npx wrangler secret put ADMIN_KEY_SHA256

On this machine:

  ADMIN_KEY_SHA256=${sha256} npm start -- --auth`);
    });
}

async function allKeys(client: SoriClient): Promise<Key[]> {
  const keys: Key[] = [];
  let after: string | undefined;
  do {
    const page: KeyPage = await client.json('GET', '/v1/keys', { query: { limit: PAGE, after } });
    keys.push(...page.data);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return keys;
}

/** Prints only the key to standard output, for scripts, and everything else to standard error. */
function show(made: MadeKey, json: boolean): void {
  if (json) {
    printJson(made);
    return;
  }
  process.stderr.write(
    `${made.name} (${made.id}): ${made.scopes.join(', ')}. Keep the key: it is shown once.\n`,
  );
  console.log(made.key);
}

/** The API returns seconds. */
const time = (seconds: number | null): string => when(seconds === null ? null : seconds * 1000);

function stateOf(key: Key, now: number): 'live' | 'revoked' | 'expired' {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && key.expires_at <= now ? 'expired' : 'live';
}

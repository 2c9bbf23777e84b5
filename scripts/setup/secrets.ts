import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../src/base/hex.ts';
import { hashApiKey, newApiKey, newKeyId } from '../../src/features/keys/api-key.ts';
import { NAMES } from './resources.ts';
import type { Wrangler } from './wrangler.ts';

/** Secrets that the Worker lacks. */
export interface NewSecrets {
  readonly values: Readonly<Record<string, string>>;
  /** The administrator's key, where it is new. */
  readonly adminKey?: string;
}

/** Makes the secrets that the Worker does not have yet: those that it has stay. */
export async function missingSecrets(wrangler: Wrangler): Promise<NewSecrets> {
  const { code, output } = await wrangler.ask({ args: LIST });
  const there = code === 0 ? namesIn(output) : [];
  const values: Record<string, string> = {};
  let adminKey: string | undefined;
  if (!there.includes('ADMIN_KEY_SHA256')) {
    adminKey = newApiKey(newKeyId());
    values.ADMIN_KEY_SHA256 = toHex(await hashApiKey(adminKey));
  }
  if (!there.includes('SIGNING_KEYS')) values.SIGNING_KEYS = `k1:${randomBytes(32).toString('hex')}`;
  return { values, adminKey };
}

/** Lists the names of the Worker's secrets as JSON. */
export const LIST = ['secret', 'list', '--name', NAMES.worker, '--format', 'json'];

/** wrangler prints a banner before the JSON. */
function namesIn(output: string): string[] {
  const json = /\[[\s\S]*\]/.exec(output)?.[0] ?? '[]';
  return (JSON.parse(json) as { name: string }[]).map(({ name }) => name);
}

/** Writes secrets into a file that only this user can read, as long as `work` runs. */
export async function withSecretsFile<T>(
  values: Readonly<Record<string, string>>,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-setup-'));
  try {
    const path = join(folder, 'secrets.json');
    await writeFile(path, JSON.stringify(values), { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

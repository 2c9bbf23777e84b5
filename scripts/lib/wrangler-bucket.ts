/** R2 through the `wrangler r2 object` command: it brings the login, so these tools need no credentials of their own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bucket, ObjectBody, ObjectMetadata } from './bucket.ts';

/** The bucket, and whether it is local or remote. */
export interface WranglerTarget {
  readonly bucketName: string;
  /** `['--remote']`, or `['--local', '--persist-to', folder]`. */
  readonly flags: readonly string[];
  /** The command and its first arguments; the wrangler of the nearest `node_modules` when not given. */
  readonly program?: readonly string[];
}

/** Arguments of the command that stores an object. Without a path it reads the bytes from standard input. */
export function putArguments(
  target: WranglerTarget,
  key: string,
  path: string | undefined,
  metadata: ObjectMetadata,
): string[] {
  return [
    ...['r2', 'object', 'put', `${target.bucketName}/${key}`],
    ...(path ? ['--file', path] : ['--pipe']),
    ...['--content-type', metadata.contentType, '--cache-control', metadata.cacheControl],
    ...target.flags,
  ];
}

/** Arguments of the command that prints an object. */
export function getArguments(target: WranglerTarget, key: string): string[] {
  return ['r2', 'object', 'get', `${target.bucketName}/${key}`, '--pipe', ...target.flags];
}

/** A command as one would type it. */
export function formatCommand(args: readonly string[]): string {
  const quoted = args.map((arg) =>
    /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`,
  );
  return `npx wrangler ${quoted.join(' ')}`;
}

/**
 * A bucket behind the wrangler command.
 * It has no `has`: wrangler can't ask for an object without fetching it, so publishing goes by the index of manifests.
 */
export function openWranglerBucket(target: WranglerTarget): Bucket {
  return {
    name: `R2 bucket ${target.bucketName} (${target.flags[0].slice(2)})`,
    get: async (key) => {
      const { code, stdout, message } = await wrangler(target, getArguments(target, key));
      if (code === 0) return stdout;
      if (message.includes('The specified key does not exist')) return null;
      throw new Error(`wrangler could not read ${key}:\n${message}`);
    },
    put: async (key, body, metadata) => {
      const args = putArguments(target, key, body.path, metadata);
      const { code, message } = await wrangler(target, args, body.path ? undefined : body.data);
      if (code !== 0) throw new Error(`wrangler could not write ${key}:\n${message}`);
    },
  };
}

/** The same bucket, except that writing prints the command instead of running it. */
export function printingBucket(
  target: WranglerTarget,
  reader: Bucket | undefined,
  print: (line: string) => void,
): Bucket {
  const show = (key: string, { path }: ObjectBody, metadata: ObjectMetadata) => {
    const pipe = path
      ? ''
      : `  # the ${key.endsWith('index.json') ? 'new index' : 'kept manifest'} on standard input`;
    print(`${formatCommand(putArguments(target, key, path, metadata))}${pipe}`);
  };
  return {
    name: reader?.name ?? `R2 bucket ${target.bucketName}`,
    get: async (key) => {
      if (reader) return await reader.get(key);
      print(formatCommand(getArguments(target, key)));
      return null;
    },
    put: async (key, body, metadata) => show(key, body, metadata),
    has: reader?.has && ((key, bytes) => reader.has!(key, bytes)),
  };
}

/** Finds wrangler's command-line script in the nearest `node_modules`. */
function findWrangler(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    const script = join(dir, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
    if (existsSync(script)) return script;
  }
  throw new Error('wrangler is not installed: run npm ci');
}

function wrangler(
  { program = [process.execPath, findWrangler()] }: WranglerTarget,
  args: readonly string[],
  input?: Uint8Array,
): Promise<{ code: number | null; stdout: Uint8Array; message: string }> {
  return new Promise((done, fail) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', WRANGLER_SEND_METRICS: 'false' };
    const child = spawn(program[0], [...program.slice(1), ...args], { env });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', fail);
    child.on('close', (code) => {
      done({
        code,
        stdout: Buffer.concat(stdout),
        message: Buffer.concat([...stderr, ...stdout])
          .toString()
          .trim(),
      });
    });
    // wrangler may end before it has read everything; its exit code then has the reason.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

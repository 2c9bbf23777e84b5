import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PromptAnswer, PromptListAnswer } from '../../../src/features/prompts/answer.ts';
import { type Ended, runSori, type SoriOptions } from '../run-sori.ts';
import { type RunningOrigin, runOrigin } from './running-origin.ts';
import { type RunningServer, serverFolder } from './running-server.ts';

/** A server in a process of its own. */
type Running = RunningServer | RunningOrigin;

/** A server with a catalogue of its own, and `sori prompts` to work with it. */
export interface PromptsServer extends AsyncDisposable {
  readonly folder: string;
  /** The current server process. */
  readonly running: Running;
  /** Starts the server again on the same state, after it was stopped. */
  start(): Promise<void>;
  /** Writes a prompts file, YAML by default. */
  file(text: string, name?: string): Promise<string>;
  /** Writes a file of some prompts below a prefix, each with a text of its own. */
  many(prefix: string, count: number, say?: (i: number) => string): Promise<string>;
  /** `sori prompts sync`. */
  sync(args: readonly string[], options?: SoriOptions): Promise<Ended>;
  /** The prompts of the catalogue below a prefix. */
  list(prefix: string): Promise<PromptAnswer[]>;
  /** Checks that all audio of prompts is complete: each file has the hash of its ETag and the duration of the catalogue. */
  expectWhole(prompts: readonly PromptAnswer[]): Promise<void>;
}

const startOrigin = (folder: string) => runOrigin(folder, { AUTH: 'off' });

/**
 * Starts a server for `sori prompts`.
 * @param startServer starts it over a `serverFolder`; an origin by default, because that starts in a sixth of the time of the Worker.
 */
export async function promptsServer(
  startServer: (folder: string) => Promise<Running> = startOrigin,
): Promise<PromptsServer> {
  const folder = await serverFolder();
  let running = await startServer(folder.path);
  let files = 0;
  const file = async (text: string, name = `prompts-${files++}.yaml`) => {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  };
  return {
    folder: folder.path,
    get running() {
      return running;
    },
    async start() {
      running = await startServer(folder.path);
    },
    file,
    many: (prefix, count, say = (i) => `Prompt ${i} of ${prefix}.`) => {
      const prompts = Array.from({ length: count }, (_, i) => [`${prefix}/${i}`, say(i)]);
      const defaults = { voice: 'hazel', formats: ['wav-8k', 'mp3'] };
      return file(JSON.stringify({ defaults, prompts: Object.fromEntries(prompts) }));
    },
    sync: (args, options) => runSori(['prompts', 'sync', ...args], { url: running.url, ...options }),
    async list(prefix) {
      const response = await fetch(new URL(`/v1/prompts?limit=1000&prefix=${prefix}`, running.url));
      return ((await response.json()) as PromptListAnswer).data;
    },
    async expectWhole(prompts) {
      for (const prompt of prompts) await expectPromptWhole(prompt, running.url);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function expectPromptWhole({ name, audio, urls }: PromptAnswer, server: URL): Promise<void> {
  expect(Object.keys(audio)).toContain('default');
  const paths = [...Object.values(audio).flatMap((one) => Object.values(one.urls)), ...Object.values(urls)];
  for (const path of paths) {
    const response = await fetch(new URL(path, server));
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([name, path, response.status]).toEqual([name, path, 200]);
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(response.headers.get('ETag')).toContain(digest.slice(0, 32));
    if (!path.endsWith('.wav-8k')) continue;
    const data = bytes.indexOf('data');
    const stated = bytes.readUInt32LE(data + 4);
    expect(stated).toBe(bytes.length - data - 8);
    expect(stated / 16_000).toBeCloseTo(audio.default.seconds, 2);
  }
}

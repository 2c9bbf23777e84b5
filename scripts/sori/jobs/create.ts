import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { isLongText } from '../../../src/sdk/long-speech.ts';
import { formatOption } from '../../lib/format-flag.ts';
import { userPath } from '../../lib/user-path.ts';
import { sessionOf } from '../config.ts';
import { UsageError } from '../failures.ts';
import { setting } from '../flags.ts';
import { printJson } from '../output.ts';
import { fetchOutput } from './fetch.ts';
import { followToEnd } from './follow.ts';
import type { Job } from './job.ts';

interface Flags {
  file?: string;
  batch?: string;
  body?: string;
  model: string;
  voice: string;
  format: string;
  set?: Record<string, unknown>;
  webhook?: string;
  watch?: boolean;
  out?: string;
}

/** The `jobs create` command. */
export function createCommand(): Command {
  return new Command('create')
    .description('Start a job: a text of up to 100,000 characters, a batch, or any body of POST /v1/jobs.')
    .argument('[text]', "what to say; '-' reads standard input")
    .option('--file <file>', 'read the text from a file')
    .option('--batch <file.jsonl>', 'requests as in the Batch API of OpenAI')
    .option('--body <file.json>', 'body of POST /v1/jobs, such as a dialogue')
    .option('-m, --model <name>', 'model', 'sori-2')
    .option('-v, --voice <voice>', 'voice, or a mix', 'hazel')
    .addOption(formatOption().default('mp3'))
    .option('--set <field=value>', 'another field of the request; may be repeated', setting)
    .option('--webhook <url>', 'is notified when the job ends')
    .option('--watch', 'wait for its end and show its progress')
    .option('-o, --out <file>', 'wait for its end and write what it made')
    .addHelpText(
      'after',
      `
Standard output is the id of the job. With --watch or --out the exit code is 1 unless the job succeeds.

Examples:
  npm run sori -- jobs create --file book.txt --voice clara --out book.mp3
  npm run sori -- jobs create --batch menu.jsonl --watch
  npm run sori -- jobs create "Your table is ready." --set speed=1.1 --webhook https://example.com/hook`,
    )
    .action(async (text: string | undefined, flags: Flags, command: Command) => {
      const session = sessionOf(command);
      const body = await bodyOf(text, flags);
      const job = await session.client.json<Job>('POST', '/v1/jobs', {
        body: flags.webhook === undefined ? body : { ...body, webhook: { url: flags.webhook } },
        // An attempt that is repeated finds the job of the first one.
        headers: { 'Idempotency-Key': randomUUID() },
      });
      if (!flags.watch && flags.out === undefined) {
        if (session.json) printJson(job);
        else console.log(job.id);
        return;
      }
      if (!session.json) console.log(job.id);
      const ended = await followToEnd(session, job.id);
      if (session.json) printJson(ended);
      if (flags.out !== undefined && ended.state === 'succeeded')
        await fetchOutput(session, ended, flags.out);
    });
}

async function bodyOf(text: string | undefined, flags: Flags): Promise<Record<string, unknown>> {
  const { file, batch, body } = flags;
  const given = [text, file, batch, body].filter((one) => one !== undefined);
  if (given.length !== 1) throw new UsageError('give one of: a text, --file, --batch, --body.');
  if (body !== undefined) return await readBody(body);
  if (batch !== undefined) return { kind: 'batch', input: await readFile(userPath(batch), 'utf8') };
  const input =
    file !== undefined
      ? await readFile(userPath(file), 'utf8')
      : text === '-'
        ? await readAll(process.stdin)
        : text;
  const { model, voice, format, set } = flags;
  const request = { model, voice, response_format: format, ...set, input };
  return { kind: isLongText(input) ? 'long_form' : 'speech', request };
}

async function readBody(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(userPath(file), 'utf8');
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** `sori jobs`: long texts, dialogues and batches in the background of a server. */
import { Command, Option } from 'commander';
import { JOB_STATES } from '../../../src/features/jobs/machine.ts';
import { sessionOf } from '../config.ts';
import { count } from '../flags.ts';
import { printJson, table, when } from '../output.ts';
import { createCommand } from './create.ts';
import { fetchOutput } from './fetch.ts';
import { followToEnd } from './follow.ts';
import { describeJob, type Job, type JobRow, jobPath, readJob } from './job.ts';

interface JobPage {
  readonly data: readonly JobRow[];
  readonly next: string | null;
}

/** Jobs that a page of the list holds at most. */
const PAGE = 100;

/** The `jobs` command. */
export function jobsCommand(): Command {
  return new Command('jobs')
    .description('Create, watch, fetch, list, retry and cancel jobs of a server.')
    .addCommand(createCommand())
    .addCommand(watch())
    .addCommand(fetchFile())
    .addCommand(list())
    .addCommand(retry())
    .addCommand(cancel())
    .addHelpText(
      'after',
      `
Examples:
  npm run sori -- jobs create --file book.txt --out book.mp3
  npm run sori -- jobs list --state running
  npm run sori -- jobs watch job_…
  npm run sori -- jobs fetch job_… --out book.mp3`,
    );
}

function watch(): Command {
  return new Command('watch')
    .description('Wait for the end of a job and show its progress. Exit code 1 unless it succeeds.')
    .argument('<id>', 'the job')
    .action(async (id: string, _flags: object, command: Command) => {
      const session = sessionOf(command);
      const job = await followToEnd(session, id);
      if (session.json) printJson(job);
    });
}

function fetchFile(): Command {
  return new Command('fetch')
    .description('Write what a job has made into a file: audio, or the JSONL of a batch.')
    .argument('<id>', 'the job')
    .option('-o, --out <file>', "'-' is standard output (default: the id with the format's extension)")
    .action(async (id: string, { out }: { out?: string }, command: Command) => {
      const session = sessionOf(command);
      await fetchOutput(session, await readJob(session.client, id), out);
    });
}

function list(): Command {
  return new Command('list')
    .description('List the jobs of your key, the newest first.')
    .addOption(new Option('--state <state>', 'only of this state').choices([...JOB_STATES]))
    .option('--limit <count>', 'most jobs to list', count, PAGE)
    .action(async ({ state, limit }: { state?: string; limit: number }, command: Command) => {
      const { client, json } = sessionOf(command);
      const jobs: JobRow[] = [];
      let after: string | undefined;
      do {
        const query = { state, after, limit: Math.min(PAGE, limit - jobs.length) };
        const page: JobPage = await client.json('GET', '/v1/jobs', { query });
        jobs.push(...page.data);
        after = page.next ?? undefined;
      } while (after !== undefined && jobs.length < limit);
      if (json) return printJson(jobs);
      if (jobs.length === 0) return console.log('There are no such jobs.');
      console.log(
        table(jobs, [
          { heading: 'JOB', value: ({ id }) => id },
          { heading: 'KIND', value: ({ kind }) => kind },
          { heading: 'STATE', value: (job) => job.state },
          { heading: 'CREATED', value: ({ created_at }) => when(created_at * 1000) },
        ]),
      );
    });
}

function retry(): Command {
  return new Command('retry')
    .description('Continue a failed job where it stopped.')
    .argument('<id>', 'the job')
    .action((id: string, _flags: object, command: Command) => change(command, 'POST', jobPath(id, '/retry')));
}

function cancel(): Command {
  return new Command('cancel')
    .description('Cancel a job.')
    .argument('<id>', 'the job')
    .action((id: string, _flags: object, command: Command) => change(command, 'DELETE', jobPath(id)));
}

async function change(command: Command, method: 'POST' | 'DELETE', path: string): Promise<void> {
  const { client, json } = sessionOf(command);
  const job = await client.json<Job>(method, path);
  if (json) printJson(job);
  else console.log(describeJob(job));
}

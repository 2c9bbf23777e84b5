import { userPath } from '../../lib/user-path.ts';
import type { Session } from '../config.ts';
import { writeWhole } from '../write-whole.ts';
import { type Job, outputOf } from './job.ts';

/**
 * Writes what a job has made into a file, or to standard output (`-`).
 * @param out by default the job's id with the extension of its format.
 * @throws {CommandError} when the job has made nothing, or the file can't be written.
 */
export async function fetchOutput(
  { client }: Pick<Session, 'client'>,
  job: Job,
  out?: string,
): Promise<void> {
  const { path, extension } = outputOf(job);
  const bytes = await client.bytes('GET', path);
  if (out === '-') {
    await new Promise<void>((done, fail) =>
      process.stdout.write(bytes, (error) => (error ? fail(error) : done())),
    );
    return;
  }
  const name = out ?? `${job.id}.${extension}`;
  await writeWhole(userPath(name), bytes);
  process.stderr.write(`${name}: ${bytes.length} bytes\n`);
}

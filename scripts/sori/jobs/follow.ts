import { Presets, SingleBar } from 'cli-progress';
import type { Session } from '../config.ts';
import { describeJob, type Job } from './job.ts';
import { watchJob } from './watch.ts';

/** Waits for a job's end, with a bar on a terminal. Sets exit code 1 unless it succeeds. */
export async function followToEnd(session: Session, id: string): Promise<Job> {
  const onTerminal = process.stderr.isTTY && !session.json;
  const format = `${id} {bar} {value} of {total} steps`;
  const bar = onTerminal
    ? new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_grey)
    : undefined;
  let shown = '';
  try {
    const job = await watchJob(session, id, ({ state, done, total }) => {
      const line = `${state}: ${done} of ${total} steps`;
      if (bar?.isActive) {
        bar.setTotal(total);
        bar.update(done);
      } else if (bar) bar.start(total, done);
      else if (!session.json && line !== shown) process.stderr.write(`${line}\n`);
      shown = line;
    });
    bar?.stop();
    if (job.state !== 'succeeded') process.exitCode = 1;
    if (!session.json) process.stderr.write(`${describeJob(job)}\n`);
    return job;
  } finally {
    bar?.stop();
  }
}

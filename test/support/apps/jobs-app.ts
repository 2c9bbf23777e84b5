import type { AppDependencies } from '../../../src/app.ts';
import { memoryOutputs } from '../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs } from '../../../src/features/jobs/runner/node-jobs.ts';
import type { ToneOptions } from '../../fixtures/tone-engine.ts';
import { accessApp, countingDatabase } from './access-app.ts';

/** Body of a speech job of a {@link jobsApp}. */
export const REQUEST = { model: 'tone-1', voice: 'clara' };

/** An {@link accessApp} that runs jobs in this process. */
export async function jobsApp(
  options: Partial<AppDependencies> & {
    tone?: ToneOptions;
    maxWaiting?: number;
    patienceMs?: number;
    keepMs?: number;
    /** The clock of the jobs. */
    now?: () => number;
  } = {},
) {
  const { maxWaiting, patienceMs, keepMs, now, ...rest } = options;
  const { database } = await countingDatabase();
  const jobs = createNodeJobs({
    database,
    outputs: memoryOutputs(),
    backOffMs: 1,
    maxWaiting,
    patienceMs,
    keepMs,
    now,
    log: () => {},
  });
  const made = await accessApp({ ...rest, jobs });
  /** Waits for the end of a job; returns its events and its final state. */
  const follow = async (id: string, key: string, headers = {}) => {
    const { text } = await made.send('GET', `/v1/jobs/${id}/events`, key, undefined, headers);
    const events = text
      .split('\n\n')
      .filter((block) => block.startsWith('id: '))
      .map((block) => {
        const [, number, type, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block)!;
        return { id: Number(number), type, data: JSON.parse(data) };
      });
    const { json: job } = await made.send('GET', `/v1/jobs/${id}`, key);
    return { events, job };
  };
  return { ...made, jobs, jobsDatabase: database, follow };
}

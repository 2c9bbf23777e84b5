import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** Milliseconds of a tick, the unit of /proc. */
const TICK_MS = 10;

/** Ids of the processes that this one has started. None where there is no /proc. */
export function children(): number[] {
  try {
    const threads = readdirSync('/proc/self/task');
    return threads.flatMap((id) =>
      readFileSync(`/proc/self/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/**
 * Milliseconds of processor time of a process, to the microsecond where the system counts so: that of all its threads that still run, and else in
 * steps of 10 ms. `undefined` where there is no /proc.
 */
export async function processorMs(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  return (await ofThreads(pid)) ?? (await inTicks(pid));
}

/** The first field of schedstat counts nanoseconds. Not every kernel has it. */
async function ofThreads(pid: number): Promise<number | undefined> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const read = threads.map((id) => readFile(`/proc/${pid}/task/${id}/schedstat`, 'utf8'));
    return (await Promise.all(read)).reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
  } catch {
    return undefined;
  }
}

async function inTicks(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Fields 14 and 15, counted from the process's name, which may have spaces in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

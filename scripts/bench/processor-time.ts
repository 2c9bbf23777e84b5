import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

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

/** Milliseconds of processor time of a process; `undefined` where there is no /proc. */
export async function processorMs(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Fields 14 and 15, counted from the process's name, which may have spaces in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

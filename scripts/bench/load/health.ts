import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningWorker } from '../workerd.ts';

/** Asks for `/healthz` every few milliseconds until `end` is called. */
export function watchHealth({ url, processorMs }: RunningWorker) {
  const waits: number[] = [];
  /** Milliseconds that workerd itself worked while `/healthz` waited, however busy the machine is. */
  const worked: number[] = [];
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const before = await processorMs();
      const started = performance.now();
      await (await fetch(`${url}/healthz`)).arrayBuffer();
      waits.push(performance.now() - started);
      worked.push(((await processorMs()) ?? Number.NaN) - (before ?? Number.NaN));
      await sleep(20);
    }
  })();
  return {
    async end() {
      watching = false;
      await watch;
      return { waits, worked };
    },
  };
}

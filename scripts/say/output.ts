import { open, rename, rm } from 'node:fs/promises';
import type { Timings } from '../../src/engine/engine.ts';
import { type Alignment, type CueUnit, cuesOf } from '../../src/synthesis/alignment.ts';

/** Where bytes go. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name. */
  commit(): Promise<void>;
  /** Removes the file. After {@link Sink.commit} it does nothing. */
  discard(): Promise<void>;
}

/**
 * Opens a file that appears under its name only when it is whole, or standard output (`-`).
 * @throws Node's error, with the path that was given.
 */
export async function openSink(path: string): Promise<Sink> {
  if (path === '-') {
    return {
      write: (bytes) =>
        new Promise((done, fail) => process.stdout.write(bytes, (error) => (error ? fail(error) : done()))),
      commit: async () => {},
      discard: async () => {},
    };
  }
  const partial = `${path}.partial`;
  const name = (error: unknown): never => {
    throw Object.assign(error as Error, { path });
  };
  const file = await open(partial, 'w').catch(name);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    write: (bytes) => file.writeFile(bytes).catch(name),
    async commit() {
      await close();
      await rename(partial, path).catch(name);
    },
    async discard() {
      await close();
      await rm(partial, { force: true });
    },
  };
}

/** Shows a progress bar on standard error; without a known length, the seconds so far. */
export function showProgress(samples: number, total: number | undefined): void {
  const width = 30;
  if (total === undefined) {
    process.stderr.write(`\r${(samples / 24_000).toFixed(1)} s`);
    return;
  }
  const filled = Math.round((samples / total) * width);
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
  process.stderr.write(`\r${bar} ${Math.round((100 * samples) / total)} %`);
}

/** Timings of one run in ms. */
export interface Cost {
  readonly samples: number;
  readonly total: number;
  readonly first: number;
  readonly timings: Timings;
}

/** Prints the result and its duration to standard error. */
export function report(out: string, { samples, total, first, timings }: Cost): void {
  const stages = Object.entries(timings)
    .filter(([name]) => name !== 'render')
    .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
    .join(', ');
  const seconds = (samples / 24_000).toFixed(2);
  const line = `${out}: ${seconds} s of audio in ${total.toFixed(0)} ms (first audio ${first.toFixed(0)} ms; ms: ${stages})`;
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`);
}

/** Cues as lines of unit, start and end in ms, and text, by the order spoken. */
export function listCues(alignment: Alignment, input: string, units: readonly CueUnit[]): string {
  return units
    .flatMap((unit) => cuesOf(alignment, input, unit).map((cue) => ({ unit, ...cue })))
    .sort((one, other) => one.start_ms - other.start_ms)
    .map(({ unit, start_ms, end_ms, text }) => {
      const [start, end] = [start_ms, end_ms].map((ms) => ms.toFixed(1).padStart(9));
      return `${unit.padEnd(8)}${start}${end}  ${text.replace(/\s+/g, ' ')}\n`;
    })
    .join('');
}

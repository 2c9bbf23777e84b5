import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a command is. */
export interface Progress {
  /**
   * One more is over.
   * @param what its name.
   */
  done(what: string, failed?: boolean): void;
  /** Prints a permanent line above the bar. */
  say(line: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** Lines of a log come at most so often. */
const LOG_EVERY_MS = 5_000;

/**
 * On a terminal a bar with the time that is left; elsewhere (CI) a line every few seconds and at the end.
 * Both go to standard error, as standard output may be JSON.
 */
export function showProgress(verb: string, total: number, { quiet = false } = {}): Progress {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (quiet || total === 0) return { done: () => {}, say, stop: () => {} };
  return process.stderr.isTTY ? bar(verb, total) : log(verb, total, say);
}

function bar(verb: string, total: number): Progress {
  let failures = 0;
  const bar = new SingleBar(
    {
      format: `${verb} {bar} {value}/{total}  {eta_formatted} left{failed}  {name}`,
      hideCursor: true,
      clearOnComplete: false,
      // The command handles an interruption itself.
      gracefulExit: false,
      etaBuffer: 50,
      stopOnComplete: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { name: '', failed: '' });
  return {
    done: (name, failed = false) => {
      failures += Number(failed);
      bar.increment(1, {
        name: name.padEnd(30).slice(0, 30),
        failed: failures > 0 ? `, ${failures} failed` : '',
      });
    },
    say: (line) => {
      // Clears the bar's line, and saves the cursor position (ESC 7) to which the bar returns at its end.
      process.stderr.write(`\r\x1b[K${line}\n\x1b7`);
      bar.updateETA();
    },
    stop: () => {
      bar.update({ name: '' });
      bar.stop();
    },
  };
}

function log(verb: string, total: number, say: (line: string) => void): Progress {
  let done = 0;
  let failures = 0;
  let printed = Date.now();
  return {
    done: (_, failed = false) => {
      done += 1;
      failures += Number(failed);
      if (done < total && Date.now() - printed < LOG_EVERY_MS) return;
      printed = Date.now();
      say(`${verb} ${done}/${total}${failures > 0 ? `, ${failures} failed` : ''}`);
    },
    say,
    stop: () => {},
  };
}

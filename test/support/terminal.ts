import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command on a pseudo-terminal. */
export interface OnTerminal {
  readonly child: ChildProcess;
  /** The output of the terminal, with escape sequences and the echo of typed text. */
  output(): string;
  /** Waits for output. */
  said(what: string | RegExp): Promise<void>;
  /** Types a text. */
  type(text: string): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Runs a command on a pseudo-terminal of 100 columns with `script` of util-linux. Without a terminal the command asks nothing and shows
 * no progress bar.
 */
export function onTerminal(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): OnTerminal {
  const line = `stty cols 100 rows 30; exec ${command.map(quoted).join(' ')}`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  const ended = once(child, 'close').then(([code]) => code as number | null);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    child,
    output: () => output,
    ended,
    async said(what) {
      while (typeof what === 'string' ? !output.includes(what) : !what.test(output)) {
        const event = await Promise.race([once(child.stdout, 'data'), ended]);
        if (!Array.isArray(event))
          throw new Error(`It ended with ${event} and had not said ${what}: ${output}`);
      }
    },
    type: (text) => void child.stdin.write(text),
  };
}

import { spawn } from 'node:child_process';
import { formatCommand } from '../lib/wrangler-bucket.ts';

/** How a command of wrangler ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A command of wrangler that a step runs. */
export interface Order {
  readonly args: readonly string[];
  /** Its output when nothing is left to do. */
  readonly done?: RegExp;
  /** It asks the user and opens a browser. */
  readonly interactive?: boolean;
}

/** A failure that the user can correct; its message explains it. */
export class SetupError extends Error {}

/** Runs commands of wrangler, or prints them. */
export class Wrangler {
  readonly #dryRun: boolean;
  readonly #print: (line: string) => void;

  constructor({ dryRun, print }: { readonly dryRun: boolean; readonly print: (line: string) => void }) {
    this.#dryRun = dryRun;
    this.#print = print;
  }

  /**
   * Runs a command.
   * @returns its output; with `--dry-run` nothing.
   * @throws {SetupError} when it fails for another reason than `done`.
   */
  async run(order: Order): Promise<string> {
    this.#print(`  ${formatCommand(order.args)}`);
    if (this.#dryRun) return '';
    const { code, output } = await this.ask(order);
    if (code === 0) return output;
    if (order.done?.test(output)) {
      this.#print('    It already exists.');
      return output;
    }
    throw new SetupError(`wrangler ${order.args.join(' ')} failed:\n${output}`);
  }

  /** Runs a command that changes nothing, also with `--dry-run`. */
  ask({ args, interactive = false }: Order): Promise<Ended> {
    return new Promise((done, fail) => {
      // npm puts the wrangler of this repository first on the PATH.
      const child = spawn('wrangler', args, {
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', WRANGLER_SEND_METRICS: 'false' },
        stdio: interactive ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const read = (text: Buffer) => {
        output += text;
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.on('error', (error: NodeJS.ErrnoException) =>
        fail(
          error.code === 'ENOENT'
            ? new SetupError('wrangler is not installed: run npm ci, then npm run setup.')
            : error,
        ),
      );
      child.on('close', (code) => done({ code: code ?? 1, output: output.trim() }));
    });
  }
}

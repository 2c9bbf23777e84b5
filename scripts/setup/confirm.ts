import { createInterface } from 'node:readline/promises';
import { SetupError } from './wrangler.ts';

/**
 * Asks a yes-or-no question. `--yes` skips it.
 * @throws {SetupError} when the answer is not yes, or there is no terminal.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new SetupError('There is no terminal to ask for confirmation. Use --yes to confirm.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new SetupError('Stopped. Nothing else was changed.');
}

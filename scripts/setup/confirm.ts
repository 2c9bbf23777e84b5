import { createInterface } from 'node:readline/promises';
import { SetupError } from './wrangler.ts';

/**
 * Asks a question that is answered by yes or no. With `--yes` nothing is asked.
 * @throws {SetupError} when the answer is not yes, or nobody is there to answer.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new SetupError('There is no terminal to ask on: give --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new SetupError('Stopped. Nothing more was done.');
}

import { Command, CommanderError } from 'commander';
import { SoriError } from '../../src/base/errors.ts';
import { describeFault } from '../lib/describe-fault.ts';
import { sayCommand } from '../say/command.ts';
import { assetsCommand } from './assets.ts';
import { completionsCommand } from './completions.ts';
import { addGlobalOptions } from './config.ts';
import { detectCommand } from './detect.ts';
import { CommandError, UsageError } from './failures.ts';
import { jobsCommand } from './jobs/command.ts';
import { keysCommand } from './keys.ts';
import { mcpCommand } from './mcp.ts';
import { modelsCommand } from './models.ts';
import { promptsCommand } from './prompts/command.ts';
import { serveCommand } from './serve.ts';
import { signCommand } from './sign.ts';
import { usageCommand } from './usage.ts';
import { voicesCommand } from './voices.ts';
import { wyomingCommand } from './wyoming/command.ts';

const EXIT = { failure: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs the command line.
 * @param args as `process.argv` has them after the script.
 * @returns the exit code.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  const root = program();
  prepare(root);
  try {
    await root.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

/** All commands. */
function program(): Command {
  return addGlobalOptions(new Command('sori'))
    .description(
      'Speak on this machine, and work with a Sori server: jobs, prompts, signed URLs, API keys, usage.',
    )
    .addCommand(sayCommand())
    .addCommand(serveCommand())
    .addCommand(jobsCommand())
    .addCommand(voicesCommand())
    .addCommand(promptsCommand())
    .addCommand(signCommand())
    .addCommand(keysCommand())
    .addCommand(usageCommand())
    .addCommand(detectCommand())
    .addCommand(modelsCommand())
    .addCommand(mcpCommand())
    .addCommand(wyomingCommand())
    .addCommand(assetsCommand())
    .addCommand(completionsCommand())
    .addHelpText(
      'after',
      `
Exit codes: 0 done; 1 failed, --check found stale audio, or detect no watermark; 2 the command line is wrong; 130 interrupted.

Examples:
  npm run sori -- say "Hello" -o hello.mp3
  npm run sori -- serve
  npm run sori -- jobs create --file book.txt --out book.mp3
  npm run sori -- prompts sync prompts.yaml
  npm run sori -- sign "Your table is ready." --voice clara --expires 7d
  npm run sori -- keys create --name ci --scopes speech,prompts:write --rate 60/m
  npm run sori -- usage --by day,key
  npm run sori -- detect voicemail.mp3
  npm run sori -- models add ./kokoro
  SORI_URL=https://sori.example.com SORI_API_KEY=… npm run sori -- keys list --json`,
    );
}

/** Otherwise commander ends the process, with exit code 1 also for a wrong command line. */
function prepare(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help shows what there is)');
  command.configureHelp({ showGlobalOptions: true });
  command.configureOutput({ writeOut: (text) => process.stdout.write(asInstalled(text)) });
  for (const child of command.commands) prepare(child);
}

/** In the repository it is an npm script; where the package is installed, a command. */
function asInstalled(text: string): string {
  if (import.meta.filename.endsWith('.ts')) return text;
  return text.replaceAll('npm run sori -- ', 'npx sori ').replaceAll('npm run say -- ', 'npx sori say ');
}

/** Prints an error to standard error. @returns the exit code. */
function report(error: unknown): number {
  // Commander has already printed it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  if (error instanceof UsageError || error instanceof CommandError || error instanceof SoriError) {
    process.stderr.write(`sori: ${error.message}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
  const fault = describeFault(error);
  if (fault !== undefined) process.stderr.write(`sori: ${fault}\n`);
  else console.error(error);
  return EXIT.failure;
}

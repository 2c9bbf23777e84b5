import { Command, CommanderError } from 'commander';
import { SoriError } from '../../src/base/errors.ts';
import { describeFault } from '../lib/describe-fault.ts';
import { addGlobalOptions } from './config.ts';
import { CommandError, UsageError } from './failures.ts';

/** The commands, in the order of the help. All of them take half a second to load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  say: async () => (await import('../say/command.ts')).sayCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  jobs: async () => (await import('./jobs/command.ts')).jobsCommand(),
  voices: async () => (await import('./voices.ts')).voicesCommand(),
  prompts: async () => (await import('./prompts/command.ts')).promptsCommand(),
  sign: async () => (await import('./sign.ts')).signCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  usage: async () => (await import('./usage.ts')).usageCommand(),
  detect: async () => (await import('./detect.ts')).detectCommand(),
  models: async () => (await import('./models/command.ts')).modelsCommand(),
  mcp: async () => (await import('./mcp.ts')).mcpCommand(),
  wyoming: async () => (await import('./wyoming/command.ts')).wyomingCommand(),
  assets: async () => (await import('./assets.ts')).assetsCommand(),
  completions: async () => (await import('./completions.ts')).completionsCommand(),
};
/** Commands that look at the others. */
const NEEDS_ALL = ['completions'];

const EXIT = { failure: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs the command line.
 * @param args as `process.argv` has them after the script.
 * @returns the exit code.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  const root = await program(args[0]);
  prepare(root);
  try {
    await root.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

/** The program with one command, where its name comes first, or with all of them. */
async function program(name = ''): Promise<Command> {
  const alone = Object.hasOwn(COMMANDS, name) && !NEEDS_ALL.includes(name);
  const wanted = alone ? [COMMANDS[name]] : Object.values(COMMANDS);
  const commands = await Promise.all(wanted.map((load) => load()));
  const root = addGlobalOptions(new Command('sori'))
    .description(
      'Speak on this machine, and work with a Sori server: jobs, prompts, signed URLs, API keys, usage.',
    )
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
  for (const command of commands) root.addCommand(command);
  return root;
}

/**
 * Sets up error handling and output of a command and its subcommands. By default commander ends the process, with exit code 1 also for a
 * wrong command line; a command that is set up throws instead, and {@link report} selects the exit code.
 * @throws {CommanderError} when the command is parsed: for a wrong command line, `--help` and `--version`.
 */
function prepare(command: Command): void {
  command.exitOverride().showHelpAfterError('(see --help)');
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

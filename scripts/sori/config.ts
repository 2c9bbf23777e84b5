import { type Command, Option } from 'commander';
import { SoriClient } from './client.ts';
import { webAddress } from './flags.ts';

/** Options that every `sori` command takes. */
export interface GlobalOptions {
  readonly url: URL;
  readonly apiKey?: string;
  readonly json?: boolean;
}

/** Context of a command. */
export interface Session {
  readonly client: SoriClient;
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** Aborts on Ctrl-C. The command then stops and leaves no partial files. */
  readonly signal: AbortSignal;
}

/** Default address of `npm start`. */
export const DEFAULT_URL = 'http://localhost:8787';

/** Adds {@link GlobalOptions} to the program. */
export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(
      new Option('--url <url>', 'the server')
        .env('SORI_URL')
        .argParser(webAddress)
        .default(new URL(DEFAULT_URL), DEFAULT_URL),
    )
    .addOption(
      new Option('--api-key <key>', 'API key; none is needed on your own machine').env('SORI_API_KEY'),
    )
    .option('--json', 'print JSON, for programs');
}

/**
 * The session of the running command.
 * @param command the last argument of commander's action handler.
 */
export function sessionOf(command: Command): Session {
  const { url, apiKey, json = false } = command.optsWithGlobals<GlobalOptions>();
  const signal = interruption();
  const onRetry = (reason: string, waitMs: number) => {
    process.stderr.write(`${reason}\nTrying again in ${Math.ceil(waitMs / 1000)} s.\n`);
  };
  // An empty variable counts as unset.
  return { client: new SoriClient({ url, apiKey: apiKey || undefined, signal, onRetry }), json, signal };
}

let interrupted: AbortController | undefined;

/** One abort signal for the process. A second Ctrl-C ends the process at once, since the listener is removed. */
function interruption(): AbortSignal {
  if (!interrupted) {
    const controller = new AbortController();
    interrupted = controller;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => controller.abort(new DOMException('interrupted', 'AbortError')));
    }
  }
  return interrupted.signal;
}

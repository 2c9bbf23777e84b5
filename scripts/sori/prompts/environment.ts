import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { SoriClient } from '../client.ts';
import { type GlobalOptions, sessionOf } from '../config.ts';
import { Catalogue } from './catalogue.ts';

/** Timeout of a bake. A template may have thousands of renderings. */
const BAKE_TIMEOUT_MS = 600_000;

/** Context of a command for prompts. */
export interface Environment {
  /** Its requests are aborted on Ctrl-C. */
  readonly client: SoriClient;
  readonly catalogue: Catalogue;
  readonly json: boolean;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @param command the last argument of commander's action handler. */
export function environmentOf(command: Command): Environment {
  const { client, json, signal } = sessionOf(command);
  return { client, catalogue: new Catalogue(client), json, signal };
}

/**
 * A catalogue whose running requests finish after Ctrl-C, since a started bake is charged in any case. Waits between attempts end at once.
 */
export function finishingCatalogue(
  command: Command,
  signal: AbortSignal,
  say: (line: string) => void,
): Catalogue {
  const { url, apiKey } = command.optsWithGlobals<GlobalOptions>();
  const client = new SoriClient({
    url,
    apiKey: apiKey || undefined,
    timeoutMs: BAKE_TIMEOUT_MS,
    onRetry: (reason, waitMs) => say(`${reason} Trying again in ${Math.ceil(waitMs / 1000)} s.`),
    wait: async (ms) => {
      await sleep(ms, undefined, { signal });
    },
  });
  return new Catalogue(client);
}

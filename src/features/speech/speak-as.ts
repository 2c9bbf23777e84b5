import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { checkSpeech } from './conflicts.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { ignored } from './lenient/normalize.ts';
import { notesOf, withNotes } from './lenient/notes.ts';
import { parseSpeech } from './parse.ts';
import { speak } from './routes.ts';
import { SIGNED_PATH } from './signed/request.ts';

/** A request of another service's route. */
export interface AskedSpeech {
  /** Fields of `POST /v1/audio/speech`, as leniently written as there. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Names of fields of the other service that have no effect. */
  readonly unused?: readonly string[];
  /** Names of our fields in the other service, for error messages. */
  readonly names?: Readonly<Record<string, string>>;
}

/**
 * Speaks for a route of another service: the answer is that of `POST /v1/audio/speech`, with the same quota, storage and placement.
 * The request of `c` is replaced, because origins get it as one of that path.
 * @throws {SoriError} as that route does.
 */
export async function speakAs(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  { names = {}, ...asked }: AskedSpeech,
): Promise<Response> {
  try {
    return await spoken(c, deps, asked);
  } catch (error) {
    throw renamed(error, names);
  }
}

async function spoken(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  { fields, unused = [] }: AskedSpeech,
): Promise<Response> {
  const body = parseSpeech(fields);
  checkSpeech(body);
  const notes = notesOf(body);
  const more = unused.map((name) => ignored(name, 'This field has no effect.'));
  const { raw } = c.req;
  const headers = new Headers(raw.headers);
  headers.set('Content-Type', 'application/json');
  headers.delete('content-length');
  const url = new URL(SIGNED_PATH, raw.url);
  c.req.raw = new Request(url, { method: 'POST', headers, signal: raw.signal });
  return await speak(c, deps, withNotes(body, { ...notes, warnings: [...notes.warnings, ...more] }));
}

/** An error with the other service's name of the field at fault. Messages begin with the name where they have it. */
function renamed(error: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof SoriError) || error.param === null || !Object.hasOwn(names, error.param))
    return error;
  const { code, message, param: own, retryAfterSeconds } = error;
  const param = names[own];
  const words = message.startsWith(`${own} `) ? `${param}${message.slice(own.length)}` : message;
  return new SoriError(code, words, { param, retryAfterSeconds, cause: error });
}

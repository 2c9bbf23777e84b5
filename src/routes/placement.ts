import type { Context } from 'hono';
import { type AudioFormatId, FORMAT_INFO } from '../audio/format.ts';
import { estimateCost, type Work } from '../engine/dispatch/cost.ts';
import type { OriginPool } from '../engine/dispatch/origin-pool.ts';
import { type Circumstances, type Placement, place, type Refusal } from '../engine/dispatch/policy.ts';
import { SoriError } from '../errors.ts';
import { purseOf } from './access.ts';
import { readLimited } from './body.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { charactersOf } from './make-speech.ts';
import { handOver } from './placement-forward.ts';
import { lightened, type PlacementWishes, wishesOf, workOf, workOfRecording } from './placement-work.ts';
import type { AddressedSpeech } from './speech-address.ts';
import type { SpeechBody } from './speech-schema.ts';

/** What makes a process an edge: it may leave work to others. */
export interface EdgePlacement {
  /** Servers that heavy work is handed to; none = what does not fit here is refused. */
  readonly pool?: OriginPool;
  /** Makes a job of a speech request and answers with it. */
  readonly respondAsync?: (c: Context<AppEnv>, body: SpeechBody) => Promise<Response>;
}

/** How a speech request goes on. */
export interface PlacedSpeech {
  /** An answer that was made elsewhere. */
  readonly answer?: Response;
  /** What is to be spoken here; another one where it is done with fewer steps. */
  readonly body: SpeechBody;
}

/** What {@link placeSpeech} needs of a speech request. */
export interface SpeechToPlace {
  readonly body: SpeechBody;
  /** Where it would be kept; not known of a recording, whose style isn't made yet. */
  readonly speech?: AddressedSpeech;
  readonly format: AudioFormatId;
  readonly signal: AbortSignal;
  /** To be called once nothing more is needed. */
  readonly end: () => void;
}

/** ms that an origin has for its first byte, besides the work itself. */
const ANSWER_MS = 15_000;
/** What of an origin may fail without the request failing, where it fits the edge. */
const ORIGIN_FAULTS: ReadonlySet<string> = new Set(['origin_unavailable', 'origin_failed']);

/**
 * Decides where speech is made, and has it made elsewhere if that is the answer. Says so in `X-Sori-Placed`.
 * @throws {SoriError} `origin_required`, `origin_unavailable`, `origin_failed`, `insufficient_quota`, `invalid_value`.
 */
export async function placeSpeech(
  c: Context<AppEnv>,
  deps: AppDependencies,
  given: SpeechToPlace,
): Promise<PlacedSpeech> {
  const { body, speech } = given;
  const { placement } = deps;
  if (placement === undefined) return stayHere(c, deps, body);
  const wishes = wishesOf(c.req.raw.headers);
  const work = workOf(body);
  // What is only its owner's stays where its owner is known.
  const pool = speech?.privacy ? undefined : placement.pool;
  const circumstances = circumstancesOf(wishes, placement, pool, body.degrade);
  const placed = place(work, circumstances);
  const plain = placed.where === 'edge' && placed.reason === 'small';
  if (!plain && wishes.forced !== 'origin' && (await isKept(deps, given))) {
    tellPlaced(c, 'edge', 'kept');
    return { body };
  }
  if (placed.where === 'origin-async') {
    return { answer: await placement.respondAsync!(c, body), body };
  }
  if (placed.where !== 'origin-sync' || pool === undefined) return atEdge(c, body, placed);
  try {
    return { answer: await speakAtOrigin(c, deps, pool, given, placed), body };
  } catch (error) {
    if (!(error instanceof SoriError && ORIGIN_FAULTS.has(error.code))) throw error;
    const fallback = place(work, { ...circumstances, origin: 'down' });
    if (fallback.where === 'edge') return atEdge(c, body, fallback);
    throw error;
  }
}

/**
 * The same for a request whose body is a recording of at most `limit` bytes.
 * @returns an answer that was made elsewhere, or the request, its body unread.
 * @throws {SoriError} as {@link placeSpeech}; `body_too_large`.
 */
export async function placeRecording(
  c: Context<AppEnv>,
  deps: AppDependencies,
  limit: number,
): Promise<Response | Request> {
  const { raw } = c.req;
  const { placement } = deps;
  if (placement === undefined) {
    tellPlaced(c, homeOf(deps), 'only');
    return raw;
  }
  const wishes = wishesOf(raw.headers);
  const work = workOfRecording(Number(raw.headers.get('content-length')) || limit);
  const circumstances = circumstancesOf({ ...wishes, respondAsync: false }, placement, placement.pool, false);
  const placed = place(work, circumstances);
  const { pool } = placement;
  if (placed.where !== 'origin-sync' || pool === undefined) {
    tellEdge(c, placed);
    return raw;
  }
  const body = await readLimited(raw, limit);
  try {
    const accepts = (type: string) => type.startsWith('application/json');
    const { reason } = placed;
    return await handOver(c, { pool, body, signal: raw.signal, reason, answerMs: answerMs(work), accepts });
  } catch (error) {
    if (!(error instanceof SoriError && ORIGIN_FAULTS.has(error.code))) throw error;
    const fallback = place(work, { ...circumstances, origin: 'down' });
    if (fallback.where !== 'edge') throw error;
    tellEdge(c, fallback);
    return new Request(raw.url, { method: raw.method, headers: raw.headers, body, signal: raw.signal });
  }
}

/** Says in `X-Sori-Placed` that this is where the answer is made, as nothing else could be. */
export function tellHere(c: Context<AppEnv>, deps: AppDependencies): void {
  tellPlaced(c, homeOf(deps), deps.placement === undefined ? 'only' : 'small');
}

function stayHere(c: Context<AppEnv>, deps: AppDependencies, body: SpeechBody): PlacedSpeech {
  tellHere(c, deps);
  return { body };
}

function homeOf({ originGuard }: AppDependencies): 'edge' | 'origin' {
  return originGuard === undefined ? 'edge' : 'origin';
}

function circumstancesOf(
  { forced, respondAsync, waitMs }: PlacementWishes,
  placement: EdgePlacement,
  pool: OriginPool | undefined,
  degrade: boolean,
): Circumstances {
  const origin = pool === undefined ? 'none' : pool.up ? 'up' : 'down';
  const jobs = placement.respondAsync !== undefined;
  return { origin, forced, respondAsync, waitMs, jobs, degrade };
}

/** Is it in the library, or about to be? */
async function isKept({ library }: AppDependencies, { speech, format }: SpeechToPlace): Promise<boolean> {
  if (library === undefined || speech === undefined) return false;
  if (library.flights.find(speech.key)) return true;
  try {
    return (await library.head(speech.key, format)) !== null;
  } catch (error) {
    if (error instanceof SoriError && error.code === 'storage_unavailable') return false;
    throw error;
  }
}

async function speakAtOrigin(
  c: Context<AppEnv>,
  deps: AppDependencies,
  pool: OriginPool,
  { body, speech, format, signal, end }: SpeechToPlace,
  { reason, work }: Placement,
): Promise<Response> {
  const purse = purseOf(c, deps);
  const characters = charactersOf(body);
  const account = c.get('account');
  account.text = body.input;
  await purse.take(characters);
  let paid = true;
  const giveBack = () => {
    if (paid) purse.giveBack(characters);
    paid = false;
  };
  // By the name that the edge has resolved: the origin's default may be another.
  const sent = { ...body, model: speech?.model.id ?? body.model };
  try {
    return await handOver(c, {
      pool,
      body: Uint8Array.from(new TextEncoder().encode(JSON.stringify(sent))),
      signal,
      reason,
      answerMs: answerMs(work),
      accepts: (type) => type.startsWith(typeOf(body, format)),
      onAnswer: (status, cache) => {
        if (cache === 'hit' || cache === 'miss' || cache === 'coalesced' || cache === 'bypass')
          account.cache = cache;
        // What was there costs nothing, and neither does what was refused.
        if (status >= 400 || cache === 'hit' || cache === 'coalesced') giveBack();
      },
      onEnd: (outcome) => {
        if (outcome === 'broken' && !signal.aborted) giveBack();
        end();
      },
    });
  } catch (error) {
    if (!signal.aborted) giveBack();
    throw error;
  }
}

function typeOf({ response_format, stream_format }: SpeechBody, format: AudioFormatId): string {
  if (response_format === 'json') return 'application/json';
  return stream_format === 'sse' ? 'text/event-stream' : FORMAT_INFO[format].contentType.split(';')[0];
}

/** Where the first byte waits for the last sample, so does the edge. */
function answerMs(work: Work): number {
  return work.whole || work.referenceSeconds > 0 ? ANSWER_MS + 2 * estimateCost(work).cpuMs : ANSWER_MS;
}

function atEdge(c: Context<AppEnv>, body: SpeechBody, placed: Placement | Refusal): PlacedSpeech {
  tellEdge(c, placed);
  return {
    body: placed.where === 'edge' && placed.reason === 'degraded' ? lightened(body, placed.work) : body,
  };
}

/** @throws {SoriError} what a refusal says. */
function tellEdge(c: Context<AppEnv>, placed: Placement | Refusal): void {
  if (placed.where === 'nowhere') throw refusalOf(placed);
  const { reason, work } = placed;
  const steps =
    reason === 'degraded' ? `; refine_steps=${work.refineSteps}; diffusion_steps=${work.diffusionSteps}` : '';
  tellPlaced(c, 'edge', reason + steps);
}

function tellPlaced(c: Context<AppEnv>, where: 'edge' | 'origin', reason: string): void {
  c.header('X-Sori-Placed', `${where}; reason=${reason}`);
}

const LACKING: Readonly<Partial<Record<Refusal['reason'], string>>> = {
  cost: 'This takes more computing than the edge has for a request',
  memory: 'This takes more memory than the edge has for a request',
  forced: 'X-Sori-Placement asks for an origin',
};

function refusalOf({ code, reason }: Refusal): SoriError {
  const what = LACKING[reason] ?? LACKING.cost;
  const message =
    code === 'origin_required'
      ? `${what}, and no origin is to be asked: ask for less at once or for fewer steps, allow degrade, or configure one (ORIGINS).`
      : `${what}, and none answers now: try again later, ask for fewer steps, or allow degrade.`;
  return new SoriError(code, message);
}

import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import { isConditional } from '../../http/conditional.ts';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import { reportEdge, reportHere } from '../../placement/placed-header.ts';
import { cacheControlFor, isOwner, PRIVATE_VARY } from '../delivery/index.ts';
import { quotaOf } from '../keys/index.ts';
import type { AddressedSpeech } from './address.ts';
import { answerSpeech } from './answer/answer.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { streams } from './master-chunks.ts';
import { placementOf } from './placement/bake-placed.ts';
import { speechSource } from './source.ts';
import { underWay } from './under-way.ts';

/** How to answer with speech under its own URL. */
export interface AddressAnswer {
  readonly format: AudioFormatId;
  /** Of audio that is the stored file byte for byte; a stream with another header is not to be cached. */
  readonly cacheControl: string;
  /** File name, without an extension. */
  readonly fileName: string;
}

/**
 * Streams speech that is not stored, while it is made and stored. Requests for the same speech share one synthesis. The stream
 * has no entity tag and no ranges: they are those of the stored file, which does not exist yet.
 * @returns `undefined` where there is nothing to stream: the audio is stored, another server makes it, it has to be made as a whole, it
 *   is private audio of another key, or the request asks for a part or for a condition. Then bake it, and answer with what is stored.
 * @throws what the synthesis throws before its first piece.
 */
export async function streamOnMiss(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  { format, cacheControl, fileName }: AddressAnswer,
): Promise<Response | undefined> {
  if (!mayStream(c.req.raw) || !streams(speech)) return undefined;
  const { library, placement } = deps;
  if (!library) return undefined;
  if (placement && speech.model.servedBy === 'origin') return undefined;
  const { key, body, model, request, privacy } = speech;
  if (privacy && !(await isOwner(c, deps, privacy.owner))) return undefined;
  const placed = placement && placementOf(c, placement, speech).placed;
  if (placed && (placed.where !== 'edge' || placed.reason === 'degraded')) return undefined;
  const under = library.flights.find(key) !== undefined;
  if (!under && (library.hot?.get(`${key}.wav`) || (await library.stored(key, 'wav')))) return undefined;
  if (placed) reportEdge(c, placed);
  else reportHere(c, deps);
  c.get('account').text = body.input;
  return await underWay(c, async (work, hold, end) => {
    const source = await speechSource(deps, speech, {
      format,
      signal: work.signal,
      quota: quotaOf(c, deps),
      keepAlive: (promise) => keepAlive(c, promise),
      bypass: false,
      exactLength: false,
      takeSlot: () => hold(deps.slots?.take() ?? (() => {})),
      absent: true,
    });
    const stored = source.cache === 'bypass' ? undefined : `/audio/${key}.${format}`;
    const answer = { body, model, request, source, location: stored, work, end };
    const response = await answerSpeech(c, deps, answer);
    const { headers } = response;
    headers.set('Content-Disposition', `inline; filename="${fileName}.${format}"`);
    headers.set('Content-Security-Policy', "default-src 'none'; sandbox");
    headers.set('Timing-Allow-Origin', '*');
    if (source.asStored) headers.set('Cache-Control', cacheControlFor(privacy?.owner, cacheControl));
    if (privacy) headers.set('Vary', PRIVATE_VARY);
    return response;
  });
}

/** Players first request the range from 0 on, and accept the whole file; a server may ignore Range (RFC 9110, section 14.2). */
function mayStream({ method, headers }: Request): boolean {
  const range = headers.get('range');
  return method !== 'HEAD' && !isConditional(headers) && (range === null || /^bytes=0-$/.test(range.trim()));
}

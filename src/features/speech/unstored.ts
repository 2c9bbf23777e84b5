import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import type { AppEnv } from '../../http/context.ts';
import { answerAudio, type DeliveryDependencies, IMMUTABLE } from '../delivery/index.ts';
import { addressSpeech } from './address.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { heldUnstored } from './held.ts';
import { streamOnMiss } from './on-miss.ts';
import { bakeFor } from './placement/bake-placed.ts';

/** Synthesizes speech again that could not be stored, and stores it: for `GET /audio/{file}`. The first request has paid for it. */
export function remakeUnstored(deps: SpeechDependencies): NonNullable<DeliveryDependencies['remake']> {
  return async (c: Context<AppEnv>, key: string, format: AudioFormatId) => {
    const body = await heldUnstored(deps.database, key);
    if (!body) return undefined;
    const { signal } = c.req.raw;
    const speech = await addressSpeech(deps, { ...body, response_format: format }, signal);
    // Another version of the model speaks under another key.
    if (speech.key !== key) return undefined;
    const fileName = `sori-${key.slice(0, 12)}`;
    const streamed = await streamOnMiss(c, deps, speech, { format, cacheControl: IMMUTABLE, fileName });
    if (streamed) return streamed;
    await bakeFor(c, deps, speech, [format], signal);
    return await answerAudio(c, deps, { key, format, cacheControl: IMMUTABLE });
  };
}

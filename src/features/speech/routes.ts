import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AudioFormatId, WAV_FORMATS } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { MAX_BODY_BYTES, MAX_BODY_WITH_REFERENCE_BYTES, readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import type { Release } from '../../http/slots.ts';
import type { ListContext } from '../../placement/origin-models.ts';
import { reportHere, reportPlaced } from '../../placement/placed-header.ts';
import { quotaOf } from '../keys/index.ts';
import { addressSpeech } from './address.ts';
import { answerCaptions, answerSpeech } from './answer/answer.ts';
import { CAPTION_FORMATS, type CaptionFormat } from './answer/captions.ts';
import { checkOutput, checkSpeech, unitsOf } from './conflicts.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { captionRouteDocs, speechRouteDocs } from './docs.ts';
import { charactersOf } from './make-speech.ts';
import { parseSpeech } from './parse.ts';
import { captionsOfHosted, originsForModel, speakWithHosted } from './placement/hosted.ts';
import { placeSpeech } from './placement/place.ts';
import { readPlacementPreferences, refuseEdge } from './placement/work.ts';
import type { SpeechBody } from './schema.ts';
import { foundSource, speechSource } from './source.ts';
import { underWay, wantsNoStore } from './under-way.ts';
import { onBehalf } from './voices/cloned-voices.ts';
import { requireReferences } from './voices/references.ts';
import { takeSentClones } from './voices/sent-clones.ts';

/** Adds `POST /v1/audio/speech`, `POST /v1/audio/speech.vtt` and `POST /v1/audio/speech.srt`. */
export function speechRoute(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  const takeSlot = (): Release => deps.slots?.take() ?? (() => {});
  // Registered without the library's validator, which would read a body of any length.
  app.openAPIRegistry.registerPath(speechRouteDocs);
  app.post(speechRouteDocs.path, async (c) => {
    const { body, deps: own } = await readSpeech(c, deps);
    return await speak(c, own, body);
  });
  for (const format of Object.keys(CAPTION_FORMATS) as CaptionFormat[]) {
    app.openAPIRegistry.registerPath(captionRouteDocs[format]);
    app.post(captionRouteDocs[format].path, async (c) => {
      const { body } = await readSpeech(c, deps);
      const units = unitsOf(body);
      if (units.length > 1) {
        const message = 'Captions have one unit: give timestamps one value here.';
        throw new SoriError('conflicting_parameters', message, { param: 'timestamps' });
      }
      return await underWay(c, async (work, hold, end) => {
        hold(takeSlot());
        const elsewhere = await originsForModel(deps, body, listContextOf(c, work.signal));
        if (elsewhere) return await captionsOfHosted(c, deps, elsewhere, body, { signal: work.signal, end });
        const { model, request } = await addressSpeech(onBehalf(c, deps), body, work.signal);
        if (model.servedBy === 'origin' && deps.placement) {
          refuseEdge(readPlacementPreferences(c.req.raw.headers), model.id);
          reportPlaced(c, 'origin', 'model');
        } else reportHere(c, deps);
        // Cues refer to positions in the text as it was sent.
        const exact = { ...request, input: body.input, exactLength: true };
        const quota = quotaOf(c, deps);
        const characters = charactersOf(body);
        await quota.reserve(characters);
        const speech = await deps.engine.align(exact, work.signal, quota).catch((error) => {
          if (!work.signal.aborted) quota.refund(characters);
          throw error;
        });
        end();
        return answerCaptions(c, { body, model, speech, format, unit: units[0] ?? 'sentence' });
      });
    });
  }
}

/**
 * Answers a validated body as `POST /v1/audio/speech` does: from storage, from an origin, or with speech that is made here.
 * @throws {SoriError} as that route does, before the first piece of audio.
 */
export async function speak(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  asked: SpeechBody,
): Promise<Response> {
  const takeSlot = (): Release => deps.slots?.take() ?? (() => {});
  checkOutput(asked);
  return await underWay(c, async (work, hold, end) => {
    const elsewhere = await originsForModel(deps, asked, listContextOf(c, work.signal));
    if (elsewhere) {
      const bypass = unitsOf(asked).length > 0 || wantsNoStore(c);
      const toPlace = { body: asked, format: formatOf(asked), bypass, signal: work.signal, end };
      return await speakWithHosted(c, deps, elsewhere, toPlace);
    }
    const address = (body: SpeechBody) => addressSpeech(onBehalf(c, deps), body, work.signal);
    const recorded = asked.style?.startsWith('data:');
    const known = recorded ? undefined : await address(asked);
    // The speech of cloned voices is stored on the server that has the voices.
    const bypass = unitsOf(asked).length > 0 || wantsNoStore(c) || deps.sentClones !== undefined;
    const format = formatOf(asked);
    const toPlace = { body: asked, speech: known, format, bypass, signal: work.signal, end };
    const { answer, found, body } = await placeSpeech(c, deps, toPlace);
    if (answer) return answer;
    if (found && known) {
      const source = foundSource(found.audio, format);
      const location = `/audio/${found.key}.${format}`;
      c.get('account').text = body.input;
      const { model, request } = known;
      return await answerSpeech(c, deps, { body, model, request, source, location, work, end });
    }
    // A style from a recording is needed before the cache key is known.
    if (recorded) hold(takeSlot());
    const speech = known && body === asked ? known : await address(body);
    c.get('account').text = body.input;
    const source = await speechSource(deps, speech, {
      format,
      signal: work.signal,
      quota: quotaOf(c, deps),
      keepAlive: (promise) => keepAlive(c, promise),
      bypass,
      exactLength: needsLength(body),
      takeSlot: () => hold(takeSlot()),
    });
    const location = source.cache === 'bypass' ? undefined : `/audio/${speech.key}.${source.format}`;
    const { model, request } = speech;
    return await answerSpeech(c, deps, { body, model, request, source, location, work, end });
  });
}

/** Reads a request and validates what needs no model. An edge may send the cloned voices of the request with it. */
async function readSpeech(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
): Promise<{ readonly body: SpeechBody; readonly deps: SpeechDependencies }> {
  const { referenceStyles } = deps;
  const limit = referenceStyles ? MAX_BODY_WITH_REFERENCE_BYTES : MAX_BODY_BYTES;
  const { given, sentClones } = takeSentClones(deps, await readJsonBody(c.req.raw, limit));
  const body = parseSpeech(given);
  checkSpeech(body);
  if (body.style?.startsWith('data:')) requireReferences(referenceStyles);
  return { body, deps: sentClones ? { ...deps, sentClones } : deps };
}

function listContextOf(c: Context<AppEnv>, signal: AbortSignal): ListContext {
  return { signal, caller: c.get('caller').id, keepAlive: (work) => keepAlive(c, work) };
}

/** The format that is made and stored. Another rate is made of `pcm`. */
function formatOf({ response_format, audio_format, sample_rate }: SpeechBody): AudioFormatId {
  if (sample_rate !== undefined) return 'pcm';
  return response_format === 'json' ? (audio_format ?? 'mp3') : response_format;
}

/** Whether the length must be known first: for a WAV file within JSON, which is read as a whole. */
function needsLength({ response_format, audio_format }: SpeechBody): boolean {
  return response_format === 'json' && WAV_FORMATS.includes(audio_format ?? 'mp3');
}

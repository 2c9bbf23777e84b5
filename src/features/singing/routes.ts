import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { SingingEngine } from '../../engine/singing/engine.ts';
import { switchOf } from '../../http/bodies/words.ts';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import type { Release } from '../../http/slots.ts';
import { sungSeconds } from '../../synthesis/singing/score.ts';
import { quotaOf } from '../keys/index.ts';
import {
  answerSpeech,
  charactersOf,
  onBehalf,
  speechSource,
  underWay,
  wantsNoStore,
} from '../speech/index.ts';
import { addressSinging } from './address.ts';
import { readSinging } from './body.ts';
import { lrc } from './captions.ts';
import type { SingingDependencies } from './dependencies.ts';
import { lyricsRouteDocs, singingRouteDocs } from './docs.ts';
import { placeSinging } from './place.ts';
import type { SingingBody } from './schema.ts';
import { signedSingingRoutes } from './signed.ts';
import { singingTimestamps } from './timestamps.ts';

/** Adds `POST /v1/audio/singing`, `POST /v1/audio/singing.lrc` and the signed URLs of {@link signedSingingRoutes}. */
export function singingRoutes(app: OpenAPIHono<AppEnv>, deps: SingingDependencies): void {
  signedSingingRoutes(app, deps);
  const takeSlot = (): Release => deps.slots?.take() ?? (() => {});
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(singingRouteDocs);
  app.post(singingRouteDocs.path, async (c) => {
    const singing = engineOf(deps);
    const { body, score, raw } = await readSinging(c.req.raw, deps);
    checkOutput(body);
    return await underWay(c, async (work, hold, end) => {
      const addressed = await addressSinging(onBehalf(c, deps), singing, { body, score }, work.signal);
      const { speech, planned } = addressed;
      const json = body.response_format === 'json';
      const format = formatOf(body);
      const bypass = json || wantsNoStore(c);
      const answer = await placeSinging(c, deps, {
        speech,
        sungSeconds: sungSeconds(score),
        raw,
        format,
        bypass,
        answerType: json ? 'application/json' : undefined,
        signal: work.signal,
        end,
      });
      if (answer) return answer;
      c.get('account').text = speech.body.input;
      const source = await speechSource(deps, speech, {
        format,
        signal: work.signal,
        quota: quotaOf(c, deps),
        keepAlive: (promise) => keepAlive(c, promise),
        bypass,
        exactLength: true,
        takeSlot: () => hold(takeSlot()),
      });
      const made = planned();
      if (made) {
        c.header('X-Sori-Transposed', String(made.transposed));
        c.header('X-Sori-Lead-In', made.leadIn.toFixed(3));
        for (const notice of made.notices.slice(0, 8))
          c.header('X-Sori-Notice', encodeURI(notice), { append: true });
      }
      const units = body.timestamps ?? [];
      const cues =
        made && units.length > 0
          ? { upTo: () => undefined, rest: () => singingTimestamps(made, units) }
          : undefined;
      const location = source.cache === 'bypass' ? undefined : `/audio/${speech.key}.${source.format}`;
      return await answerSpeech(c, deps, {
        body: speech.body,
        model: speech.model,
        request: speech.request,
        source,
        location,
        cues,
        work,
        end,
      });
    });
  });

  app.openAPIRegistry.registerPath(lyricsRouteDocs);
  app.post(lyricsRouteDocs.path, async (c) => {
    const singing = engineOf(deps);
    const enhanced = switchOf('enhanced', c.req.query('enhanced'));
    const { body, score } = await readSinging(c.req.raw, deps);
    return await underWay(c, async (work, hold, end) => {
      hold(takeSlot());
      const { request, speech } = await addressSinging(
        onBehalf(c, deps),
        singing,
        { body, score },
        work.signal,
      );
      const quota = quotaOf(c, deps);
      const characters = charactersOf(speech.body);
      await quota.reserve(characters);
      const aligned = await singing.align(request, work.signal, quota).catch((error) => {
        if (!work.signal.aborted) quota.refund(characters);
        throw error;
      });
      end();
      c.header('X-Sori-Model', `${speech.model.id}@${speech.model.version}`);
      c.header('Cache-Control', 'no-store');
      c.header('Content-Type', 'text/plain; charset=utf-8');
      c.header('Content-Disposition', 'inline; filename="song.lrc"');
      return c.body(lrc({ title: score.title, ...aligned }, enhanced));
    });
  });
}

function engineOf({ singing }: SingingDependencies): SingingEngine {
  if (singing) return singing;
  throw new SoriError('not_configured', 'This server does not sing.');
}

function checkOutput({ response_format, audio_format, timestamps }: SingingBody): void {
  if (response_format === 'json') return;
  if (timestamps)
    throw new SoriError('conflicting_parameters', 'timestamps need response_format json.', {
      param: 'timestamps',
    });
  if (audio_format)
    throw new SoriError('conflicting_parameters', 'audio_format needs response_format json.', {
      param: 'audio_format',
    });
}

function formatOf({ response_format, audio_format }: SingingBody): AudioFormatId {
  return response_format === 'json' ? (audio_format ?? 'mp3') : response_format;
}

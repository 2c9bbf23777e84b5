import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { honoPath } from '../../http/hono-path.ts';
import { jsonLines, readEvents } from '../../http/read-events.ts';
import { headersAsJson } from '../../http/stream.ts';
import { findVoice, MAX_INPUT_CHARACTERS, type SpeechDependencies, speakAs } from '../speech/index.ts';
import { listVoices, type VoiceDependencies } from '../voices/index.ts';
import { elevenLabsDocs, voiceSearchDocs, voiceSettingsDocs } from './docs.ts';
import { isElevenLabs } from './errors.ts';
import { elevenLabsModel, elevenLabsVoice } from './lists.ts';
import { type AskedFormat, formatOf, speechOf } from './request.ts';
import { timedAudio, timedChunks } from './timed.ts';
import { voiceFor } from './voices.ts';

type Dependencies = SpeechDependencies & VoiceDependencies;

/** Adds the routes that ElevenLabs' clients call. */
export function elevenLabsRoutes(app: OpenAPIHono<AppEnv>, deps: Dependencies): void {
  const { convert, stream, timed, timedStream } = elevenLabsDocs;
  for (const docs of Object.values(elevenLabsDocs)) app.openAPIRegistry.registerPath(docs);

  const ask = async (c: Context<AppEnv>, answer: (format: AskedFormat) => Record<string, unknown>) => {
    const query = new URL(c.req.url).searchParams;
    const body = await readJsonBody(c.req.raw);
    const asked = { voiceId: c.req.param('voice_id') ?? '', query, body };
    const speech = speechOf(asked, answer(formatOf(query)), deps.engine.names);
    const spoken = await speakAs(c, deps, speech);
    spoken.headers.set('request-id', c.get('requestId'));
    return { spoken, text: String(speech.fields.input) };
  };
  const plain = async (c: Context<AppEnv>) => {
    const { spoken } = await ask(c, ({ format, sampleRate }) => {
      return { response_format: format, sample_rate: sampleRate };
    });
    return spoken;
  };
  app.post(honoPath(convert.path), plain);
  app.post(honoPath(stream.path), plain);
  app.post(honoPath(timed.path), async (c) => {
    const { spoken, text } = await ask(c, ({ format, sampleRate }) => {
      return { response_format: 'json', audio_format: format, sample_rate: sampleRate, timestamps: 'word' };
    });
    if (!spoken.ok) return spoken;
    return Response.json(timedAudio(text, await spoken.json()), { headers: headersAsJson(spoken) });
  });
  app.post(honoPath(timedStream.path), async (c) => {
    const { spoken, text } = await ask(c, ({ format, sampleRate }) => {
      return { response_format: format, sample_rate: sampleRate, stream_format: 'sse', timestamps: 'word' };
    });
    if (!spoken.ok || spoken.body === null) return spoken;
    const lines = jsonLines(timedChunks(text, readEvents(spoken.body)));
    return new Response(lines, { headers: headersAsJson(spoken) });
  });

  const voicesFor = async (c: Context<AppEnv>) =>
    (await listVoices(deps, c.get('caller').id, c.req.raw.signal)).map(elevenLabsVoice);
  app.openapi(voiceSearchDocs, async (c) => {
    const voices = await voicesFor(c);
    return c.json({ voices, has_more: false as const, total_count: voices.length }, 200);
  });
  // These paths are ours, and are ElevenLabs' for their clients.
  const theirs =
    (answer: (c: Context<AppEnv>) => Promise<Response>) => async (c: Context<AppEnv>, next: Next) =>
      isElevenLabs(c.req.raw.headers) ? await answer(c) : await next();
  app.get(
    '/v1/voices',
    theirs(async (c) => c.json({ voices: await voicesFor(c) })),
  );
  const voiceNamed = async (c: Context<AppEnv>, id: string) => {
    const name = voiceFor(id);
    const own = (await voicesFor(c)).find(({ voice_id }) => voice_id === name);
    if (own) return own;
    const models = await deps.engine.models(c.req.raw.signal);
    const found = models.flatMap((model) => findVoice(model, name)?.id ?? []);
    const same = (await voicesFor(c)).find(({ voice_id }) => voice_id === found[0]);
    if (same) return same;
    throw new SoriError('voice_not_found', 'There is no such voice.', { param: 'voice_id' });
  };
  app.get(
    '/v1/voices/:id',
    theirs(async (c) => c.json(await voiceNamed(c, c.req.param('id') ?? ''))),
  );
  app.openapi(voiceSettingsDocs, async (c) => {
    const { settings } = await voiceNamed(c, c.req.param('voice_id'));
    return c.json(settings, 200);
  });
  app.get(
    '/v1/models',
    theirs(async (c) => {
      const models = await deps.engine.models(c.req.raw.signal);
      return c.json(models.map((model) => elevenLabsModel(model, MAX_INPUT_CHARACTERS)));
    }),
  );
}

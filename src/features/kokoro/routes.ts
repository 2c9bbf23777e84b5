import type { OpenAPIHono } from '@hono/zod-openapi';
import { FORMAT_INFO } from '../../audio/format.ts';
import { formatNamed } from '../../audio/format-names.ts';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import type { ErrorShape } from '../../http/error-shapes.ts';
import { jsonLines, readEvents } from '../../http/read-events.ts';
import { headersAsJson } from '../../http/stream.ts';
import { readPhonemes } from '../phonemes/index.ts';
import { type SpeechDependencies, speakAs } from '../speech/index.ts';
import { captionedChunks, captionsOf } from './captioned.ts';
import { captionedDocs, fromPhonemesDocs, phonemizeDocs } from './docs.ts';
import { fieldsOf, languageOf } from './request.ts';

/** Adds the routes under `/dev/` that Kokoro-FastAPI has in addition to OpenAI's. */
export function kokoroRoutes(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  for (const docs of [phonemizeDocs, captionedDocs, fromPhonemesDocs]) app.openAPIRegistry.registerPath(docs);

  app.post(phonemizeDocs.path, async (c) => {
    const { text, language } = objectOf(await readJsonBody(c.req.raw));
    const body = { input: text, language: languageOf(language) };
    const { phonemes } = await readPhonemes(deps, body, c.req.raw.signal);
    return c.json({ phonemes, tokens: [] }, 200);
  });

  app.post(captionedDocs.path, async (c) => {
    const { stream = true, return_timestamps = true, ...given } = objectOf(await readJsonBody(c.req.raw));
    const { fields, unused } = fieldsOf(given, deps.engine.names);
    const named = formatNamed(String(given.response_format ?? 'mp3'));
    const audioFormat = FORMAT_INFO[named?.format ?? 'mp3'].contentType;
    const timestamps = 'word';
    if (stream === false) {
      const { response_format, ...rest } = fields;
      const asJson = { ...rest, response_format: 'json', audio_format: response_format, timestamps };
      const spoken = await speakAs(c, deps, { fields: asJson, unused });
      if (!spoken.ok) return spoken;
      const answer = (await spoken.json()) as { audio: string; timestamps?: { word?: [] } };
      const words = return_timestamps === false ? null : captionsOf(answer.timestamps?.word);
      const captioned = { audio: answer.audio, audio_format: audioFormat, timestamps: words };
      return Response.json(captioned, { headers: headersAsJson(spoken) });
    }
    const asEvents = { ...fields, stream_format: 'sse', timestamps };
    const spoken = await speakAs(c, deps, { fields: asEvents, unused });
    if (!spoken.ok || spoken.body === null) return spoken;
    const lines = jsonLines(captionedChunks(readEvents(spoken.body), audioFormat));
    return new Response(lines, { headers: headersAsJson(spoken) });
  });

  app.post(fromPhonemesDocs.path, async (c) => {
    const { phonemes, ...given } = objectOf(await readJsonBody(c.req.raw));
    const { fields, unused } = fieldsOf(given, deps.engine.names);
    const spoken = { ...fields, input: phonemes, input_type: 'phonemes', response_format: 'wav' };
    return await speakAs(c, deps, { fields: spoken, unused, names: { input: 'phonemes' } });
  });
}

/** Errors of FastAPI: `{"detail": {"error", "message", "type"}}`, with our code. */
export const kokoroErrors: ErrorShape = {
  covers: (path) => path.startsWith('/dev/'),
  body: ({ code, message, type, param }, { requestId }) => ({
    detail: { error: code, message, type, param, request_id: requestId },
  }),
};

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new SoriError('invalid_type', 'The body must be a JSON object.');
}

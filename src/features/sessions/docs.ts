import { createRoute, z } from '@hono/zod-openapi';
import { errorResponses } from '../../http/errors.ts';

const route = <const P extends string>(path: P, operationId: string, summary: string, description: string) =>
  createRoute({
    method: 'get',
    path,
    tags: ['other services'],
    operationId,
    summary,
    description,
    responses: {
      101: { description: 'The WebSocket.', content: { 'application/json': { schema: z.unknown() } } },
      ...errorResponses(400, 401, 403, 404, 429, 500, 501, 503),
    },
  });

/** The WebSockets. OpenAPI cannot describe their messages; docs/live.md does. */
export const sessionDocs = {
  sori: {
    ...route(
      '/v1/audio/speech/stream',
      'streamSpeech',
      'WebSocket: text in, audio and word timings out',
      'Query parameters are fields of a speech request. `session` and `after` resume a session. docs/live.md describes the messages.',
    ),
    tags: ['speech'],
  },
  elevenlabs: route(
    '/v1/text-to-speech/{voice_id}/stream-input',
    'elevenLabsStreamInput',
    'ElevenLabs: WebSocket',
    'The key is in the header `xi-api-key`.',
  ),
  deepgram: route(
    '/v1/speak',
    'deepgramSocket',
    'Deepgram: WebSocket',
    'Uses the messages of Deepgram’s text to speech.',
  ),
  jambonz: route(
    '/v1/jambonz/speech',
    'jambonzSocket',
    'jambonz: streamed custom speech',
    'The WebSocket URL of a custom speech provider of jambonz.',
  ),
};

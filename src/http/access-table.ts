import type { Scope } from './access.ts';

/** Requirement of a route: nothing, any valid API key, or a key with a scope. */
export type Requirement = 'public' | 'any' | Scope;

/** The requirement of every route, by path and method. A route without an entry is refused. HEAD has the requirement of GET. */
export const REQUIREMENTS: Readonly<Record<string, Readonly<Record<string, Requirement>>>> = {
  '/': { GET: 'public' },
  '/docs': { GET: 'public' },
  '/openapi.json': { GET: 'public' },
  '/healthz': { GET: 'public' },
  '/readyz': { GET: 'public' },
  '/audio/{}': { GET: 'public' },
  '/prompts/{}': { GET: 'public' },
  '/shards/{}/{}': { GET: 'public' },
  '/v1/models': { GET: 'any' },
  '/v1/models/{}': { GET: 'any' },
  '/v1/voices': { GET: 'any', POST: 'speech' },
  '/v1/voices/consent': { POST: 'speech' },
  '/v1/voices/compare': { POST: 'speech' },
  '/v1/voices/{}': { GET: 'any', DELETE: 'speech' },
  '/v1/audio/voices': { GET: 'any' },
  '/v1/audio/models': { GET: 'any' },
  '/v1/audio/transcriptions': { POST: 'speech' },
  '/v1/audio/translations': { POST: 'speech' },
  '/v1/audio/speech-translations': { POST: 'speech' },
  '/v1/audio/generations': { POST: 'speech' },
  '/v1/audio/diarizations': { POST: 'speech' },
  '/v1/audio/separations': { POST: 'speech' },
  '/v1/audio/speaker-profiles': { POST: 'speech' },
  '/v1/speakers': { GET: 'speech', POST: 'speech' },
  '/v1/speakers/consent': { POST: 'speech' },
  '/v1/speakers/verify': { POST: 'speech' },
  '/v1/speakers/identify': { POST: 'speech' },
  '/v1/speakers/{}': { DELETE: 'speech' },
  // The route itself checks the signature of a GET.
  '/v1/audio/speech': { GET: 'public', POST: 'speech' },
  '/v1/audio/speech.vtt': { POST: 'speech' },
  '/v1/audio/speech.srt': { POST: 'speech' },
  '/v1/audio/phonemes': { POST: 'speech' },
  // The routes themselves open WebSockets alone.
  '/v1/audio/speech/stream': { GET: 'speech' },
  '/v1/audio/speech/sign': { POST: 'speech' },
  // The route itself checks the signature of a GET.
  '/v1/audio/singing': { GET: 'public', POST: 'speech' },
  '/v1/audio/singing/sign': { POST: 'speech' },
  '/v1/audio/singing.lrc': { POST: 'speech' },
  '/v1/text-to-speech/{}': { POST: 'speech' },
  '/v1/text-to-speech/{}/stream-input': { GET: 'speech' },
  '/v1/text-to-speech/{}/stream': { POST: 'speech' },
  '/v1/text-to-speech/{}/with-timestamps': { POST: 'speech' },
  '/v1/text-to-speech/{}/stream/with-timestamps': { POST: 'speech' },
  '/v1/voices/{}/settings': { GET: 'any' },
  '/v2/voices': { GET: 'any' },
  '/v1/speak': { GET: 'speech', POST: 'speech' },
  '/v1/vapi/speech': { POST: 'speech' },
  '/v1/jambonz/speech': { GET: 'speech', POST: 'speech' },
  '/mcp': { POST: 'speech' },
  '/dev/phonemize': { POST: 'speech' },
  '/dev/captioned_speech': { POST: 'speech' },
  '/dev/generate_from_phonemes': { POST: 'speech' },
  '/v1/styles': { POST: 'speech' },
  '/v1/prompts': { GET: 'prompts:read' },
  '/v1/prompts/{}': { GET: 'prompts:read', PUT: 'prompts:write', DELETE: 'prompts:write' },
  '/v1/prompts/{}/purge': { POST: 'prompts:write' },
  '/v1/prompts/{}/render': { POST: 'speech' },
  '/v1/jobs': { GET: 'speech', POST: 'speech' },
  '/v1/jobs/{}': { GET: 'speech', DELETE: 'speech' },
  '/v1/jobs/{}/events': { GET: 'speech' },
  '/v1/jobs/{}/output': { GET: 'speech' },
  '/v1/jobs/{}/retry': { POST: 'speech' },
  '/v1/jobs/{}/webhook/redeliver': { POST: 'speech' },
  '/v1/webhooks/secret': { GET: 'speech', POST: 'speech' },
  '/v1/usage': { GET: 'usage:read' },
  '/v1/origins': { GET: 'usage:read' },
  '/metrics': { GET: 'usage:read' },
  '/v1/keys': { GET: 'keys:write', POST: 'keys:write' },
  '/v1/keys/{}': { DELETE: 'keys:write' },
  '/v1/keys/{}/rotate': { POST: 'keys:write' },
  '/v1/keys/{}/voices': { GET: 'keys:write' },
  '/v1/keys/{}/voices/{}': { DELETE: 'keys:write' },
};

/**
 * Looks up the requirement of a route.
 * @param route pattern of its path, `/v1/models/{id}`.
 * @returns `undefined` for a route without an entry, which is refused.
 */
export function requirementOf(method: string, route: string): Requirement | undefined {
  const path = route.replaceAll(/\{\w+\}/g, '{}');
  const name = method === 'HEAD' ? 'GET' : method;
  if (!Object.hasOwn(REQUIREMENTS, path) || !Object.hasOwn(REQUIREMENTS[path], name)) return undefined;
  return REQUIREMENTS[path][name];
}

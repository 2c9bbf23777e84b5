/** Headers that hold nothing but a key: our own and Azure's, then those of ElevenLabs' and Vapi's clients. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'xi-api-key', 'x-vapi-secret'] as const;

/** Headers in which {@link apiKeyOf} finds a key. */
export const CREDENTIALS: readonly string[] = ['authorization', ...KEY_HEADERS];

/**
 * Reads the API key from `Authorization: Bearer …` (OpenAI's clients) or `Authorization: Token …` (Deepgram's), or from a header for the
 * key.
 */
export function apiKeyOf(headers: Headers): string | undefined {
  const authorized = /^(?:Bearer|Token) +(\S+)\s*$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (authorized !== undefined) return authorized;
  for (const name of KEY_HEADERS) {
    const key = headers.get(name);
    if (key !== null) return key;
  }
  // Browsers can set no header of a WebSocket but its protocols: ['token', key].
  const [scheme, key] = (headers.get('sec-websocket-protocol') ?? '').split(',').map((part) => part.trim());
  return /^(?:token|bearer)$/i.test(scheme) && key ? key : undefined;
}

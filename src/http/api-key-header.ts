/** Reads the API key from `Authorization: Bearer …` (OpenAI's clients), `x-api-key` or `api-key`. */
export function apiKeyOf(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.get('authorization') ?? '')?.[1];
  return bearer ?? headers.get('x-api-key') ?? headers.get('api-key') ?? undefined;
}

/** `Authorization: Bearer …` as OpenAI's clients send it, or `x-api-key` or `api-key` as others do. */
export function apiKeyOf(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.get('authorization') ?? '')?.[1];
  return bearer ?? headers.get('x-api-key') ?? headers.get('api-key') ?? undefined;
}

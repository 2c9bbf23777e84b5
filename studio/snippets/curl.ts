import { fileName, fullBody, json, type SnippetInput } from './snippet.ts';

/** A command for a POSIX shell. */
export function curlSnippet(given: SnippetInput): string {
  // Within single quotes nothing is special but the quote itself.
  const data = json(fullBody(given)).replaceAll("'", `'\\''`);
  return [
    `curl ${given.base}v1/audio/speech`,
    ...(given.key ? ['-H "Authorization: Bearer $SORI_API_KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d '${data}'`,
    `-o ${fileName(given.format)}`,
  ].join(' \\\n  ');
}

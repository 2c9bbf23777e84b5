import { fileName, fullBody, json, type SnippetInput } from './snippet.ts';

/** A module for Node 18 or newer, without packages. */
export function nodeSnippet(given: SnippetInput): string {
  const key = given.key ? `\n    Authorization: \`Bearer \${process.env.SORI_API_KEY}\`,` : '';
  const body = json(fullBody(given)).replaceAll('\n', '\n  ');
  return `import { writeFile } from 'node:fs/promises';

const response = await fetch(${JSON.stringify(`${given.base}v1/audio/speech`)}, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',${key}
  },
  body: JSON.stringify(${body}),
});
if (!response.ok) throw new Error(await response.text());
await writeFile('${fileName(given.format)}', new Uint8Array(await response.arrayBuffer()));
`;
}

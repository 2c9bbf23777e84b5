import { fileName, fullBody, type SnippetInput } from './snippet.ts';

/** A program for Python 3, without packages. */
export function pythonSnippet(given: SnippetInput): string {
  const key = given.key ? `\n        "Authorization": f"Bearer {os.environ['SORI_API_KEY']}",` : '';
  return `import json
${given.key ? 'import os\n' : ''}import urllib.request

body = ${pythonValue(fullBody(given), '')}
request = urllib.request.Request(
    ${JSON.stringify(`${given.base}v1/audio/speech`)},
    data=json.dumps(body).encode(),
    headers={
        "Content-Type": "application/json",${key}
    },
)
with urllib.request.urlopen(request) as response, open("${fileName(given.format)}", "wb") as file:
    while chunk := response.read(65536):
        file.write(chunk)
`;
}

/** A value as a Python literal. Python reads all escapes that JSON writes in strings but surrogates, which JSON leaves unescaped. */
function pythonValue(value: unknown, indent: string): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}    `;
  const entries = Object.entries(value).map(
    ([name, each]) => `${inner}${JSON.stringify(name)}: ${pythonValue(each, inner)},\n`,
  );
  return `{\n${entries.join('')}${indent}}`;
}

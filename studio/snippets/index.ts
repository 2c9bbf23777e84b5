import { curlSnippet } from './curl.ts';
import { htmlSnippet } from './html.ts';
import { nodeSnippet } from './node.ts';
import { pythonSnippet } from './python.ts';
import type { SnippetInput } from './snippet.ts';
import { swiftSnippet } from './swift.ts';

export { fileName, type SnippetInput } from './snippet.ts';

/** The snippets by the name of their tab. */
export const SNIPPETS: Readonly<Record<string, (given: SnippetInput) => string>> = {
  curl: curlSnippet,
  Node: nodeSnippet,
  Python: pythonSnippet,
  iOS: swiftSnippet,
  HTML: htmlSnippet,
};

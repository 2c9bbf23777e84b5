import type { SpeechBody } from '../request.ts';

/** Input of a snippet. */
export interface SnippetInput {
  /** Address of the API with a slash at its end. */
  readonly base: string;
  readonly body: SpeechBody;
  /** Value of `response_format`. */
  readonly format: string;
  /** Whether the server asks for a key. */
  readonly key: boolean;
}

/** JSON as source code, indented by `spaces`. */
export function json(value: unknown, spaces = 2): string {
  return JSON.stringify(value, null, spaces);
}

/** Name of the file that a snippet writes. */
export function fileName(format: string): string {
  const extensions: Readonly<Record<string, string>> = {
    'mulaw-wav': 'wav',
    'alaw-wav': 'wav',
    'wav-8k': 'wav',
    mulaw: 'ulaw',
    alaw: 'alaw',
  };
  return `speech.${extensions[format] ?? format}`;
}

/** The whole body of the request. */
export function fullBody({ body, format }: SnippetInput): SpeechBody & { response_format: string } {
  return { ...body, response_format: format };
}

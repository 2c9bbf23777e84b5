import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { base64 } from '../../base/base64.ts';

/** Longest audio that a tool answers with, in bytes: a host holds it in memory as base64. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Formats that hosts of MCP play. */
const FORMATS = ['mp3', 'wav', 'opus', 'aac', 'm4a', 'flac'] as const;

/** Dependencies of the tools. */
export interface McpTools {
  /** Name and version that the server gives itself. */
  readonly version: string;
  /** Answers a body of `POST /v1/audio/speech` as that route does, errors included. */
  readonly speak: (body: Readonly<Record<string, unknown>>) => Promise<Response>;
  /** The voices, as `GET /v1/voices` lists them. */
  readonly listVoices: () => Promise<readonly VoiceOfTool[]>;
}

/** Description of a voice for a host. */
export interface VoiceOfTool {
  readonly id: string;
  readonly name: string;
  readonly sex: string;
  readonly language: string;
  readonly description: string;
  readonly model: string;
}

const speakInput = {
  text: z.string().min(1).max(4096).describe('The text to speak, or SSML that starts with <speak.'),
  voice: z.string().optional().describe('A voice of list_voices.'),
  instructions: z.string().optional().describe('How to speak, such as "cheerful, slowly".'),
  speed: z.number().min(0.25).max(4).optional(),
  language: z.string().optional().describe('BCP 47, such as en-US.'),
  format: z.enum(FORMATS).optional().describe('Default: mp3.'),
};

/** A server of the Model Context Protocol with the tools `speak` and `list_voices`. */
export function createMcpServer({ version, speak, listVoices }: McpTools): McpServer {
  // The validator is for forms that servers show. This server shows none, and the default one compiles code, which workerd forbids.
  const jsonSchemaValidator = {
    getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: 'not supported' }),
  };
  const server = new McpServer({ name: 'sori', version }, { jsonSchemaValidator });
  server.registerTool(
    'speak',
    {
      title: 'Speak',
      description: 'Turns a text into speech. Answers with the audio and, where it is stored, its address.',
      inputSchema: speakInput,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ text, format, ...fields }) => {
      const answer = await speak({ ...fields, input: text, response_format: format ?? 'mp3' });
      if (!answer.ok) return failure(await messageOf(answer));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (bytes.length > MOST_BYTES)
        return failure('The audio is over 8 MiB: ask for less text, or for mp3.');
      const mimeType = (answer.headers.get('content-type') ?? 'audio/mpeg').split(';')[0];
      const stored = answer.headers.get('content-location');
      const about = `Spoken by ${answer.headers.get('x-sori-model') ?? 'sori'}${stored === null ? '.' : `: ${stored}`}`;
      return {
        content: [
          { type: 'audio' as const, data: base64(bytes), mimeType },
          { type: 'text' as const, text: about },
        ],
      };
    },
  );
  server.registerTool(
    'list_voices',
    {
      title: 'List voices',
      description: 'The voices that speak can use, with their languages.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => {
      const voices = (await listVoices()).map(({ id, name, sex, language, description, model }) => {
        return { id, name, sex, language, description, model };
      });
      return { content: [{ type: 'text' as const, text: JSON.stringify(voices) }] };
    },
  );
  return server;
}

function failure(text: string) {
  return { isError: true, content: [{ type: 'text' as const, text }] };
}

/** Code and message of an error of this API. */
async function messageOf(answer: Response): Promise<string> {
  const body = (await answer.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
  return `${body.error?.code ?? answer.status}: ${body.error?.message ?? 'The server failed.'}`;
}

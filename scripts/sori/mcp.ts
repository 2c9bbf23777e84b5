import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { Command } from 'commander';
import { createMcpServer } from '../../src/features/mcp/server.ts';
import { sessionOf } from './config.ts';
import { listVoices } from './voices.ts';

/** `sori mcp`: the tools of the Model Context Protocol over standard input and output, for a host on this machine. */
export function mcpCommand(): Command {
  return new Command('mcp')
    .description('Serve the tools speak and list_voices of the Model Context Protocol over stdio.')
    .action(async (_flags: object, command: Command) => {
      const { client } = sessionOf(command);
      const server = createMcpServer({
        version: '1',
        speak: async (body) => await client.request('POST', '/v1/audio/speech', { body, accept: REFUSALS }),
        listVoices: () => listVoices(client),
      });
      const ended = new Promise<void>((resolve) => {
        process.stdin.once('end', resolve);
      });
      await server.connect(new StdioServerTransport());
      await ended;
      await server.close();
    });
}

/** Statuses of errors that the tool passes to the host, with their code. */
const REFUSALS = [400, 401, 403, 404, 422, 429, 501];

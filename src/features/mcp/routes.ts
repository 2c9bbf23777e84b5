import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_BODY_BYTES, readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { ERROR_KINDS, errorBody, errorResponses, toSoriError } from '../../http/errors.ts';
import { type SpeechDependencies, speakAs } from '../speech/index.ts';
import { listVoices, type VoiceDependencies } from '../voices/index.ts';

const route = createRoute({
  method: 'post',
  path: '/mcp',
  tags: ['other services'],
  operationId: 'mcp',
  summary: 'Model Context Protocol: the tools speak and list_voices',
  description: 'Streamable HTTP without sessions: each request is answered with JSON.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.unknown(),
          example: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
        },
      },
    },
  },
  responses: {
    200: { description: 'JSON-RPC.', content: { 'application/json': { schema: z.unknown() } } },
    ...errorResponses(400, 401, 403, 413, 415, 429, 500),
  },
});

/** Adds `POST /mcp`. */
export function mcpRoute(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies & VoiceDependencies): void {
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    const { raw } = c.req;
    const parsedBody = await readJsonBody(raw, MAX_BODY_BYTES);
    // Loaded with the first request: few need the protocol's schemas.
    const [{ createMcpServer }, { WebStandardStreamableHTTPServerTransport }] = await Promise.all([
      import('./server.ts'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
    ]);
    const caller = c.get('caller').id;
    const server = createMcpServer({
      version: '1',
      speak: async (fields) => {
        try {
          return await speakAs(c, deps, { fields });
        } catch (thrown) {
          const error = toSoriError(thrown);
          return Response.json(errorBody(error), { status: ERROR_KINDS[error.code].status });
        }
      },
      listVoices: async () => await listVoices(deps, caller, raw.signal),
    });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    const answer = await transport.handleRequest(raw, { parsedBody });
    return new Response(answer.body, answer);
  });
}

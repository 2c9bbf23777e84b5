import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Requirement, requirementOf } from '../access-table.ts';
import type { AppEnv } from '../context.ts';
import { errorResponses } from '../errors.ts';

const route = createRoute({
  method: 'get',
  path: '/openapi.json',
  tags: ['documents'],
  operationId: 'openapi',
  summary: 'The OpenAPI document',
  responses: {
    200: {
      description: 'OpenAPI 3.1.',
      content: { 'application/json': { schema: z.object({ openapi: z.string() }).loose() } },
    },
  },
});

/** Adds `GET /openapi.json`, generated from the schemas that validate requests. */
export function openApiRoute(app: OpenAPIHono<AppEnv>): void {
  let document: object | undefined;
  app.openapi(route, (c) => {
    document ??= openApiDocument(app);
    return c.json(document as { openapi: string }, 200);
  });
}

/** The OpenAPI document of all routes added so far. */
export function openApiDocument(app: OpenAPIHono<AppEnv>) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sori',
      version: '1',
      description:
        'Text to speech at the edge. OpenAI’s clients work unchanged; Sori’s own fields are optional.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'speech', description: 'Text to speech, signed URLs and stored audio.' },
      { name: 'prompts', description: 'Named, versioned phrases whose audio is synthesized in advance.' },
      { name: 'jobs', description: 'Background work: long texts, dialogues, batches.' },
      { name: 'voices', description: 'Built-in and cloned voices.' },
      { name: 'other services', description: 'Routes that clients of other services call.' },
      { name: 'singing', description: 'Singing of scores with lyrics.' },
      { name: 'transcriptions', description: 'Speech to text, and speech to speech in another language.' },
      { name: 'generations', description: 'Text to music and sound.' },
      { name: 'speakers', description: 'Speaker verification, identification, diarization and separation.' },
      { name: 'models', description: 'Speech models.' },
      { name: 'keys', description: 'API keys, quotas and usage.' },
      { name: 'health', description: 'For load balancers and monitors.' },
      { name: 'documents', description: 'The API description.' },
    ],
    security: [{ apiKey: [] }],
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item as unknown as Record<string, Operation>)) {
      const requirement = requirementOf(method.toUpperCase(), path);
      if (requirement === 'public') operation.security = [];
      for (const status of refusalsOf(requirement)) operation.responses[status] ??= REFUSALS[status];
    }
  }
  return { ...document, components: { ...document.components, securitySchemes } };
}

interface Operation {
  security?: object[];
  responses: Record<string, object>;
}

/** Error statuses of the middleware, which every route may answer with. */
const REFUSALS = Object.fromEntries(
  Object.entries(errorResponses(401, 403, 429)).map(([status, { description }]) => [
    status,
    { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
  ]),
);

function refusalsOf(requirement: Requirement | undefined): string[] {
  if (requirement === 'public') return ['429'];
  return requirement === 'any' ? ['401', '429'] : ['401', '403', '429'];
}

const securitySchemes = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `sori_…`.' },
} as const;

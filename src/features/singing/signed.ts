import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import { gunzip, gzip } from '../../base/gzip.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import { base64Url, MAX_LIFETIME_SECONDS, signQuery } from '../../http/signed-url.ts';
import { PAYER } from '../keys/index.ts';
import {
  answerSigned,
  DEFAULT_EXPIRES_IN,
  expiresIn,
  MAX_URL_LENGTH,
  onBehalf,
  openSigned,
  signingKeysOf,
} from '../speech/index.ts';
import { MAX_SINGING_BYTES } from './body.ts';
import type { SingingDependencies } from './dependencies.ts';
import { AUDIO_CONTENT } from './docs.ts';
import { addressSungJob, parseSungJob } from './job.ts';
import { singingSchema } from './schema.ts';

const PATH = '/v1/audio/singing';

const signedDocs = createRoute({
  method: 'get',
  path: PATH,
  tags: ['singing'],
  operationId: 'getSignedSinging',
  summary: 'Sing the score of a signed URL',
  description:
    'For `<audio src>`. It needs no API key, because `POST /v1/audio/singing/sign` has signed the request.',
  security: [],
  request: {
    query: z.object({
      song: z.string().openapi({ description: 'The request as JSON, compressed by gzip, in base64url.' }),
      exp: z.string().openapi({ description: 'Unix time in seconds at which the URL expires.' }),
      kid: z.string().openapi({ description: 'Id of the signing key.' }),
      [PAYER]: z.string().optional().openapi({ description: 'Id of the API key whose quota is used.' }),
      sig: z.string().openapi({ description: 'HMAC-SHA256 of path and parameters, in base64url.' }),
    }),
  },
  responses: {
    200: { description: 'The audio.', content: AUDIO_CONTENT },
    206: { description: 'The requested range.', content: AUDIO_CONTENT },
    304: { description: 'The client’s copy is current.' },
    ...errorResponses(400, 401, 403, 404, 416, 429, 500, 501, 502, 503),
  },
});

const signDocs = createRoute({
  method: 'post',
  path: `${PATH}/sign`,
  tags: ['singing'],
  operationId: 'signSinging',
  summary: 'Create a signed URL of a song',
  description:
    'Takes the JSON body of `POST /v1/audio/singing` and `expires_in`. The URL contains the compressed score. The audio is made at the first request to the URL, and charged once to the API key that signed it.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: singingSchema
            .omit({ audio_format: true, timestamps: true })
            .extend({
              expires_in: z
                .number()
                .int()
                .min(1)
                .max(MAX_LIFETIME_SECONDS)
                .default(DEFAULT_EXPIRES_IN)
                .openapi({
                  description: 'Lifetime of the URL in seconds, at most ten years.',
                }),
            })
            .openapi('SignSingingRequest'),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The URL.',
      content: {
        'application/json': {
          schema: z
            .object({ url: z.url(), expires_at: z.string().openapi({ format: 'date-time' }) })
            .openapi('SignedSingingUrl'),
        },
      },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 429, 500, 501, 503),
  },
});

/** Adds `GET|HEAD /v1/audio/singing` and `POST /v1/audio/singing/sign`. */
export function signedSingingRoutes(app: OpenAPIHono<AppEnv>, deps: SingingDependencies): void {
  app.openAPIRegistry.registerPath(signedDocs);
  app.get(signedDocs.path, async (c) => {
    const signed = await openSigned(c, deps, PATH);
    const song = parseSungJob(await unpacked(signed.parameters.get('song') ?? ''));
    const { speech } = await addressSungJob(onBehalf(c, deps), song, c.req.raw.signal);
    return await answerSigned(c, deps, speech, { ...signed, format: song.format });
  });

  app.openAPIRegistry.registerPath(signDocs);
  app.post(signDocs.path, async (c) => {
    const keys = signingKeysOf(deps);
    const given = (await readJsonBody(c.req.raw, MAX_SINGING_BYTES)) as Record<string, unknown>;
    const { expires_in: _, ...fields } = given;
    const song = parseSungJob(fields);
    const expires = Math.floor(Date.now() / 1000) + expiresIn(given);
    // Rejects unknown voices, lyrics that can't be read, and models.
    await addressSungJob(onBehalf(c, deps), song, c.req.raw.signal);
    const parameters: Record<string, string> = { song: await packed(fields) };
    if (deps.access !== 'off') parameters[PAYER] = c.get('caller').id;
    const url = `${new URL(c.req.url).origin}${PATH}?${await signQuery(keys, { path: PATH, parameters, expires })}`;
    if (url.length > MAX_URL_LENGTH) throw tooLong();
    c.header('Cache-Control', 'no-store');
    return c.json({ url, expires_at: new Date(expires * 1000).toISOString() });
  });
}

/** @throws {SoriError} `string_above_max_length` for what no URL has room for. */
async function packed(fields: object): Promise<string> {
  const bytes = await gzip(new TextEncoder().encode(JSON.stringify(fields)));
  if (bytes.length > MAX_URL_LENGTH) throw tooLong();
  return base64Url(bytes);
}

function tooLong(): SoriError {
  const message = `This song makes a URL of more than ${MAX_URL_LENGTH} characters, which many servers refuse: POST it to ${PATH} and use the address in Content-Location.`;
  return new SoriError('string_above_max_length', message, { param: 'score' });
}

async function unpacked(text: string): Promise<unknown> {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(await gunzip(new Blob([bytes]).stream())));
  } catch (cause) {
    throw new SoriError('invalid_value', 'song was not signed by this server, or it has been changed.', {
      param: 'song',
      cause,
    });
  }
}

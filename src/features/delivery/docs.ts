import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';

const binary = z.string().openapi({ format: 'binary' });

/** The `content` of an audio answer in any format. */
export const AUDIO_CONTENT = Object.fromEntries(
  Object.values(FORMAT_INFO).map(({ contentType }) => [contentType.split(';')[0], { schema: binary }]),
);

const header = (description: string, type: 'string' | 'integer' = 'string') => ({
  description,
  schema: { type },
});

/** Headers of stored audio. */
export const AUDIO_HEADERS = {
  'Accept-Ranges': header('`bytes`'),
  'Cache-Control': header('How long a cache may store it.'),
  'Cache-Tag': header('Tags by which a CDN can purge it: `audio:<key>`, `model:<model>`, `voice:<voice>`.'),
  'Content-Disposition': header('`inline`; with `download`, `attachment` and the file name.'),
  'Content-Length': header('Bytes in the answer.', 'integer'),
  'Content-Location': header('Permanent path of these bytes.'),
  ETag: header('Strong entity tag.'),
  'Last-Modified': header('When it was stored.'),
  'X-Sori-Ignored': header('Warning codes of the request that made the audio.'),
};

/** Query of stored audio. */
export const audioQuery = z.object({
  download: z.string().optional().openapi({
    description: 'Sends the audio as a download with this file name. The extension is that of the format.',
    example: 'welcome',
  }),
});

const conditions = z.object({
  range: z
    .string()
    .optional()
    .openapi({ description: 'One byte range. Several ranges are answered with the whole file.' }),
  'if-range': z.string().optional(),
  'if-match': z.string().optional(),
  'if-none-match': z.string().optional(),
  'if-modified-since': z.string().optional(),
  'if-unmodified-since': z.string().optional(),
});

/** Query and headers of a GET of stored audio. */
export const audioRequest = { query: audioQuery, headers: conditions };

/** Responses of a GET of stored audio. */
export const audioResponses = {
  200: { description: 'The audio.', headers: AUDIO_HEADERS, content: AUDIO_CONTENT },
  206: {
    description: 'The requested range.',
    headers: { ...AUDIO_HEADERS, 'Content-Range': header('The range of this answer.') },
    content: AUDIO_CONTENT,
  },
  304: { description: 'Not modified, by `If-None-Match` or `If-Modified-Since`.' },
  ...errorResponses(404, 412, 416, 429, 500, 501, 503),
};

/** `GET /audio/{key}.{format}`. */
export const audioRouteDocs = createRoute({
  method: 'get',
  path: '/audio/{file}',
  tags: ['speech'],
  operationId: 'getAudio',
  summary: 'Get stored audio',
  description:
    'The audio at the `Content-Location` of other answers. It needs no API key (except for cloned voices), never changes, and may be cached for a year. HEAD works too. A 404 may be cached for 10 s.',
  request: {
    ...audioRequest,
    params: z.object({
      file: z.string().openapi({
        description: `Key of 64 hexadecimal digits, a dot, and the format: ${AUDIO_FORMATS.join(', ')}.`,
        example: `${'0'.repeat(64)}.mp3`,
      }),
    }),
  },
  responses: audioResponses,
});

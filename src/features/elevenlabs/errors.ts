import type { ErrorShape } from '../../http/error-shapes.ts';

const PATHS = /^\/v1\/text-to-speech(?:\/|$)/;

/** Whether the request comes from a client of ElevenLabs. These send their key in their own header. */
export const isElevenLabs = (headers: Headers): boolean => headers.has('xi-api-key');

/** ElevenLabs' errors: `{"detail": {"status", "message", …}}`, with our code. Their clients get them on every path, also on one that is not here. */
export const elevenLabsErrors: ErrorShape = {
  covers: (path, headers) => PATHS.test(path) || isElevenLabs(headers),
  body: ({ code, message, param, type }, { requestId }) => ({
    detail: { type, code, status: code, message, param, request_id: requestId },
  }),
};

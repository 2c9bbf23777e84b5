export { elevenLabsErrors } from './errors.ts';
export { formatOf as elevenLabsFormat } from './request.ts';
export { elevenLabsRoutes } from './routes.ts';
export { voiceFor as elevenLabsVoiceFor } from './voices.ts';

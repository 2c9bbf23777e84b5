export { phonemesRoute, readPhonemes } from './routes.ts';

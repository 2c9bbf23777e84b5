export { phonemesRoute } from './routes.ts';

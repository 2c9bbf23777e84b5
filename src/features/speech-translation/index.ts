export { speechTranslationRoute } from './routes.ts';

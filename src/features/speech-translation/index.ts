export { checkTranslation } from './check.ts';
export { translationJobSchema } from './docs.ts';
export { translateForJob } from './for-job.ts';
export { speechTranslationRoute } from './routes.ts';
export { type JobTranslation, parseTranslationJob } from './schema.ts';

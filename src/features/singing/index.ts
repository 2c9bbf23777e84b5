export type { SingingDependencies } from './dependencies.ts';
export { addressSungJob, parseSungJob, type SungJob } from './job.ts';
export { singingRoutes } from './routes.ts';
export { singingSchema } from './schema.ts';

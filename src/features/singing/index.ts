export type { SingingDependencies } from './dependencies.ts';
export { singingRoutes } from './routes.ts';

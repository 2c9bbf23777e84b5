export type { PromptDependencies } from './dependencies.ts';
export { promptRenderRoute } from './render/routes.ts';
export { promptRoutes } from './routes.ts';

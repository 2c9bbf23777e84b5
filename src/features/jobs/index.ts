export type { JobDependencies } from './dependencies.ts';
export { jobRoutes } from './routes.ts';
export { jobWebhookRoutes } from './webhooks/routes.ts';

export { healthRoutes } from './health.ts';

export { healthRoutes } from './health.ts';
export { originsRoute } from './origins.ts';

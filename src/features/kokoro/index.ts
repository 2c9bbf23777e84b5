export { kokoroErrors, kokoroRoutes } from './routes.ts';

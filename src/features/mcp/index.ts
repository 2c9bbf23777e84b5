export { mcpRoute } from './routes.ts';

export { voiceAgentRoutes } from './routes.ts';

export { parametersOf as deepgramParameters } from './request.ts';
export { deepgramErrors, deepgramRoutes } from './routes.ts';

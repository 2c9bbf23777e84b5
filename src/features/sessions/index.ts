export { LiveSession, LONGEST_MESSAGE, type Opening } from './live.ts';
export type { Outgoing } from './protocols/protocol.ts';
export { type SessionDependencies, type SessionHost, sessionRoutes } from './routes.ts';
export type { SessionState } from './session.ts';

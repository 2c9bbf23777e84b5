export type { KeyAccessControl } from './access-control.ts';
export { PAYER, payerOf } from './payer.ts';
export { quotaOf, requireAccess } from './require-access.ts';
export { keyRoutes } from './routes.ts';
export { usageRoute } from './usage-routes.ts';

import type { Database } from '../../database/database.ts';
import type { HttpDependencies } from '../../http/context.ts';
import type { KeyAccessControl } from './access-control.ts';

/** Dependencies of the routes of keys and usage. */
export interface KeyDependencies extends HttpDependencies {
  readonly access: KeyAccessControl | 'off';
  /** Stores keys and usage; used where `access` is `off`. */
  readonly database?: Database;
}

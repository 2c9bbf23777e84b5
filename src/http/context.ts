import type { RequestIdVariables } from 'hono/request-id';
import type { AccessControl, Caller, RequestAccount } from './access.ts';
import type { UploadRoom } from './bodies/upload-room.ts';

/** Dependencies of the middleware of every route. */
export interface HttpDependencies {
  /** Access control. `off` allows everything: for servers that only the local machine can reach, and for tests. */
  readonly access: AccessControl | 'off';
  /**
   * Access control of the management of API keys where `access` is `off`: a key made there is valid once access control is on.
   * Default: none. Then everyone who reaches the app may manage keys, as on an origin whose edges have already checked the caller.
   */
  readonly management?: AccessControl;
  /** Origins whose pages may call the API; default `*`. */
  readonly corsOrigins?: readonly string[];
  /** Receives a line of JSON per request; default: requests are not logged. */
  readonly log?: (line: string) => void;
  /** Writes the spoken text into the log; default no. */
  readonly logText?: boolean;
  /** Limits recordings that are uploaded at once; made by `createApp`. */
  readonly uploads?: UploadRoom;
  /** Whether this process is shutting down. Then it is not ready, and load balancers send it no more requests. */
  readonly draining?: () => boolean;
  /** Milliseconds that the work of a request may take; default: no limit. Workers have limits of their own. */
  readonly requestTimeoutMs?: number;
  /** The client's address, by which requests without a key are counted; default: Cloudflare's header. `env` is the platform's. */
  readonly clientAddress?: (headers: Headers, env: unknown) => string;
}

/** Hono's environment of this app. */
export interface AppEnv {
  Variables: RequestIdVariables & {
    /** The caller of this request. */
    caller: Caller;
    /** Details of the request for usage, logs and metrics; routes set them. */
    account: RequestAccount;
  };
}

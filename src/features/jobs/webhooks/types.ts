/** An event of a job. */
export interface WebhookEvent {
  readonly jobId: string;
  /** The API key that owns the job. */
  readonly owner: string;
  /** The receiver's URL, which {@link Webhooks.check} allowed when the job was created. */
  readonly url: string;
  /** The type, such as `job.completed`. */
  readonly type: string;
  /** The job's JSON. */
  readonly data: object;
  /** Number of the run: after a retry the same type is a new event. Default 0. */
  readonly run?: number;
}

/** State of a delivery. `dead`: all attempts of 24 h failed; `disabled`: the receiver answered 410 Gone. */
export type DeliveryState = 'pending' | 'delivered' | 'dead' | 'disabled';

/** The fault of an attempt; never the receiver's text. */
export type DeliveryFault =
  | 'status'
  | 'redirect'
  | 'timeout'
  | 'unreachable'
  | 'unresolved'
  | 'forbidden_target'
  | 'no_secret';

/** A delivery. Times are ms since the epoch. */
export interface WebhookDelivery {
  /** The `webhook-id` header: the same for all announcements and attempts. */
  readonly id: string;
  readonly jobId: string;
  readonly type: string;
  readonly url: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: number;
  /** Only while it is pending. */
  readonly nextAttemptAt?: number;
  readonly lastAttemptAt?: number;
  /** HTTP status of the last answer. */
  readonly lastStatus?: number;
  readonly lastFault?: DeliveryFault;
}

/** Notifies receivers of job events by the Standard Webhooks specification. */
export interface Webhooks {
  /**
   * Checks a receiver's URL. Call it before a job is created.
   * @throws {SoriError} `invalid_webhook`.
   */
  check(url: string, owner: string): Promise<void>;
  /**
   * Stores an event and starts its delivery; returns when it is stored. Announcing the same event again does not
   * deliver it again.
   */
  announce(event: WebhookEvent): Promise<void>;
  /**
   * Delivers due events. Called each minute on Workers and by a timer on Node.
   * @param signal starts no more attempts once it aborts.
   * @returns the number of attempts.
   */
  due(now?: number, signal?: AbortSignal): Promise<number>;
  /**
   * Sends the last event of an owner's job again with its `webhook-id` and new retries.
   * @returns `undefined` if there is none.
   */
  redeliver(jobId: string, owner: string): Promise<WebhookDelivery | undefined>;
  /** A job's events, oldest first. */
  list(jobId: string): Promise<readonly WebhookDelivery[]>;
  /** Deletes a job's events. */
  forget(jobId: string): Promise<void>;
}

/** What happened to a job, for whoever asked to be told. */
export interface WebhookEvent {
  readonly jobId: string;
  /** API key whose job it is. */
  readonly owner: string;
  /** Where the job's maker wants to hear of it; {@link Webhooks.check} allowed it when the job was made. */
  readonly url: string;
  /** As `job.completed`. */
  readonly type: string;
  /** The job as its owner may see it; JSON. */
  readonly data: object;
  /** Counts how often the job was run: after a retry the same type is another event. Default 0. */
  readonly run?: number;
}

/** How a delivery stands. `dead`: tried in vain for 24 h; `disabled`: its receiver answered 410 Gone. */
export type DeliveryState = 'pending' | 'delivered' | 'dead' | 'disabled';

/** What was wrong with an attempt; never what the receiver said. */
export type DeliveryFault =
  | 'status'
  | 'redirect'
  | 'timeout'
  | 'unreachable'
  | 'unresolved'
  | 'forbidden_target'
  | 'no_secret';

/** An event on its way. Times are ms since the epoch. */
export interface WebhookDelivery {
  /** The `webhook-id` header: the same however often the event is announced or delivered. */
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
  /** HTTP status of the last attempt, if there was an answer. */
  readonly lastStatus?: number;
  readonly lastFault?: DeliveryFault;
}

/** Tells receivers what happened to jobs, as the Standard Webhooks specification has it. */
export interface Webhooks {
  /**
   * May this address be told? Call it before a job is made.
   * @throws {SoriError} `invalid_webhook`.
   */
  check(url: string, owner: string): Promise<void>;
  /**
   * Stores an event and begins to deliver it; returns when it is stored. The same event announced again is still one, and is not
   * delivered again.
   */
  announce(event: WebhookEvent): Promise<void>;
  /**
   * Delivers what is due, and returns when that is done. Called each minute on Workers, by a timer on Node.
   * @param signal begins no more attempts once it aborts.
   * @returns how many attempts were made.
   */
  due(now?: number, signal?: AbortSignal): Promise<number>;
  /**
   * Sends the last event of an owner's job again, with its `webhook-id`, and retries anew.
   * @returns `undefined` if there is none.
   */
  redeliver(jobId: string, owner: string): Promise<WebhookDelivery | undefined>;
  /** A job's events, the oldest first. */
  list(jobId: string): Promise<readonly WebhookDelivery[]>;
  /** Drops a job's events. */
  forget(jobId: string): Promise<void>;
}

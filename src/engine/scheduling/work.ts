/** The client that requests work, and the amount of work. */
export interface WorkRequest {
  /** Clients share the engine equally: an API key, an address. Default: one client for all that name none. */
  readonly client?: string;
  /** Characters of the text. */
  readonly characters: number;
  /** Whether it has low priority: it never counts as interactive. */
  readonly background?: boolean;
  readonly signal?: AbortSignal;
}

/** Work that is done in steps. Between two steps, steps of other work may run. */
export interface ScheduledWork {
  /**
   * Runs a step when its turn comes.
   * @throws the signal's reason when it aborts before that; what the step throws.
   */
  step<T>(run: () => Promise<T>): Promise<T>;
  /** Reports that this many more characters are done, for the estimate of the remaining work. */
  done(characters: number): void;
  /** Removes the work from the queue. A second call does nothing. */
  end(): void;
}

/** A client with work in the queue. */
export interface Client {
  /** Milliseconds of its steps so far. A new client starts with those of the client with the fewest. */
  served: number;
  /** Number of its pieces of work. */
  work: number;
}

/** A piece of work in the queue. */
export interface Entry {
  readonly request: WorkRequest;
  /** Name of the client. */
  readonly name: string;
  readonly client: Client;
  readonly interactive: boolean;
  /** Characters that are not done yet. */
  left: number;
  /** Milliseconds of its steps so far. */
  served: number;
  /** When it last requested a turn or had one. */
  seen: number;
}

/** A request of a piece of work to run a step. */
export interface Turn {
  readonly entry: Entry;
  /** Number by order of arrival. */
  readonly arrived: number;
  /** When the waiting request last looked whether it is its turn. */
  lookedAt: number;
  /** When the step began. */
  begunAt?: number;
}

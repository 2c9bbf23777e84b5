/** The synthesis behind a flight. */
export interface FlightWork<T> {
  /** Encoded audio in the format of the request that started the flight. Throws the signal's reason when it aborts. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /**
   * Stores the audio after the last piece.
   * @returns the result of {@link Flight.whole}.
   */
  finish(pieces: readonly Uint8Array[]): Promise<T>;
}

/** Thrown when a flight made no progress for too long, because the request that started it has ended. A new flight may be started. */
export class StalledFlight extends Error {
  override readonly name = 'StalledFlight';
}

/** Options of {@link Flights}. */
export interface FlightsOptions {
  /** Milliseconds without a new piece after which a waiting client gives up the flight; default 20,000. */
  readonly stallMs?: number;
  /** Most bytes that all flights hold together; default 24 MiB. */
  readonly maxBytes?: number;
  /**
   * Milliseconds after which a participant looks again for a change that another request made. For workerd, where one request must not
   * wake another. Default: all requests wake each other.
   */
  readonly pollMs?: number;
}

/** A synthesis under way that other requests can join. `T` is its result once it is stored. */
export interface Flight<T> {
  /**
   * Streams the pieces as they are made. Synthesis runs at the speed of the fastest reader, unless a caller waits for the whole audio.
   * Leaving the loop or aborting the signal ends the subscription; the latter throws the signal's reason.
   * @param patient waits for a piece without a timeout; for the request that started the flight. Others get a {@link StalledFlight}.
   */
  read(signal: AbortSignal, patient?: boolean): AsyncGenerator<Uint8Array, void>;
  /**
   * Waits until all audio is made and stored.
   * @param patient waits without a timeout; for the request that started the flight.
   * @throws the error of the work; the signal's reason; {@link StalledFlight}.
   */
  whole(signal: AbortSignal, patient?: boolean): Promise<T>;
}

/**
 * Lets identical requests of a process share one synthesis. The work is aborted when the last participant
 * leaves. Results are not cached here.
 */
export class Flights<T> {
  readonly #stallMs: number;
  readonly #maxBytes: number;
  readonly #pollMs: number | undefined;
  readonly #flights = new Map<string, SharedFlight<T>>();
  #bytes = 0;

  constructor({ stallMs = 20_000, maxBytes = 24 * 1024 * 1024, pollMs }: FlightsOptions = {}) {
    this.#stallMs = stallMs;
    this.#maxBytes = maxBytes;
    this.#pollMs = pollMs;
  }

  /** Finds the flight under way for a key. */
  find(key: string): Flight<T> | undefined {
    return this.#flights.get(key);
  }

  /** Whether this many more bytes can be held. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxBytes;
  }

  /**
   * Starts a flight. No flight of this key may be under way.
   * @param bytes estimate of the bytes that the flight holds.
   * @param keepAlive called with the work, which must outlive the request that started it.
   */
  start(
    key: string,
    bytes: number,
    begin: (signal: AbortSignal) => Promise<FlightWork<T>>,
    keepAlive: (work: Promise<unknown>) => void,
  ): Flight<T> {
    const flight = new SharedFlight<T>(this.#stallMs, this.#pollMs);
    this.#flights.set(key, flight);
    this.#bytes += bytes;
    let held = bytes;
    const forget = () => {
      this.#bytes -= held;
      held = 0;
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    flight.onDead = forget;
    keepAlive(flight.run(begin).finally(forget));
    return flight;
  }
}

class SharedFlight<T> implements Flight<T> {
  /** Called when the flight accepts no more participants. */
  onDead = () => {};
  readonly #controller = new AbortController();
  readonly #stallMs: number;
  readonly #pollMs: number | undefined;
  readonly #pieces: Uint8Array[] = [];
  /** Number of pieces that readers are ready to take. */
  #wanted = 0;
  #present = 0;
  #made: 'under way' | 'whole' | 'failed' = 'under way';
  #fault: unknown;
  readonly #result: Promise<T>;
  #settle!: { resolve: (value: T) => void; reject: (fault: unknown) => void };
  /** The settled result. */
  #outcome?: { readonly value: T } | { readonly fault: unknown };
  /** Waiting functions, called at the next change. */
  #waiting = new Set<() => void>();

  constructor(stallMs: number, pollMs: number | undefined) {
    this.#stallMs = stallMs;
    this.#pollMs = pollMs;
    this.#result = new Promise<T>((resolve, reject) => (this.#settle = { resolve, reject }));
    // Participants receive the error. Without participants it would be an unhandled rejection.
    this.#result.catch(() => {});
  }

  /** Runs the synthesis. Never throws. */
  async run(begin: (signal: AbortSignal) => Promise<FlightWork<T>>): Promise<void> {
    const { signal } = this.#controller;
    try {
      const { pieces, finish } = await begin(signal);
      for await (const piece of pieces) {
        this.#pieces.push(piece);
        this.#notify();
        // A reader of another request may want more, which only a timer notices.
        while (this.#pieces.length > this.#wanted && !signal.aborted) await this.#change(true, true);
        signal.throwIfAborted();
      }
      this.#made = 'whole';
      this.#notify();
      const value = await finish(this.#pieces);
      this.#outcome = { value };
      this.#settle.resolve(value);
    } catch (fault) {
      if (this.#made === 'under way') this.#made = 'failed';
      this.#fault = fault;
      this.#outcome = { fault };
      this.#settle.reject(fault);
      this.#notify();
    }
  }

  async *read(signal: AbortSignal, patient = true): AsyncGenerator<Uint8Array, void> {
    const leave = this.#enter(patient);
    const abort = () => {
      leave();
      this.#notify(patient);
    };
    signal.addEventListener('abort', abort);
    try {
      for (let index = 0; ; index++) {
        if (this.#wanted <= index) {
          this.#wanted = index + 1;
          this.#notify(patient);
        }
        await this.#piece(index, signal, patient);
        signal.throwIfAborted();
        if (this.#pieces.length > index) yield this.#pieces[index];
        else if (this.#made === 'failed') throw this.#fault;
        else return;
      }
    } finally {
      signal.removeEventListener('abort', abort);
      leave();
    }
  }

  whole(signal: AbortSignal, patient = false): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const leave = this.#enter(patient);
    this.#wanted = Number.POSITIVE_INFINITY;
    this.#notify(patient);
    return new Promise<T>((resolve, reject) => {
      let pieces = this.#pieces.length;
      const watch = setInterval(() => {
        if (!patient && this.#pieces.length === pieces) {
          this.onDead();
          end(() => reject(standsStill()));
        }
        pieces = this.#pieces.length;
      }, this.#stallMs);
      const abort = () => end(() => reject(signal.reason));
      const end = (settle: () => void) => {
        clearInterval(watch);
        clearInterval(looking);
        signal.removeEventListener('abort', abort);
        leave();
        settle();
      };
      signal.addEventListener('abort', abort);
      const look = () => {
        const outcome = this.#outcome;
        if (outcome === undefined) return;
        end(() => ('value' in outcome ? resolve(outcome.value) : reject(outcome.fault)));
      };
      const looking = patient || this.#pollMs === undefined ? undefined : setInterval(look, this.#pollMs);
      if (looking === undefined) this.#result.then(look, look);
    });
  }

  /** Waits until a piece is there or none will come. */
  async #piece(index: number, signal: AbortSignal, patient: boolean): Promise<void> {
    const missing = () => this.#pieces.length <= index && this.#made === 'under way' && !signal.aborted;
    if (!missing()) return;
    let stalled = false;
    const stall = () => {
      stalled = true;
      this.onDead();
      this.#notify(patient);
    };
    const watch = patient ? undefined : setTimeout(stall, this.#stallMs);
    try {
      while (missing()) {
        // A reader in the request that runs the flight is woken by it. Other readers have to look.
        await this.#change(patient, !patient);
        if (stalled) throw standsStill();
      }
    } finally {
      clearTimeout(watch);
    }
  }

  /** @returns a function that ends the participation; a second call does nothing. */
  #enter(own: boolean): () => void {
    this.#present++;
    let present = true;
    return () => {
      if (!present) return;
      present = false;
      if (--this.#present > 0 || this.#made !== 'under way') return;
      // A participant that joins after the abort cannot keep the work going.
      this.onDead();
      this.#controller.abort(new DOMException('All readers have disconnected.', 'AbortError'));
      this.#notify(own);
    };
  }

  /**
   * Waits for the next change.
   * @param own whether it is the request that started the flight that waits.
   * @param looks whether changes by other requests are looked for with a timer. A request that waits for its own speech needs none, and would
   *   start hundreds of them.
   */
  #change(own: boolean, looks: boolean): Promise<void> {
    return new Promise((resolve) => {
      if (this.#pollMs === undefined || !looks) {
        this.#waiting.add(resolve);
        return;
      }
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, this.#pollMs);
      if (own) this.#waiting.add(wake);
    });
  }

  /** @param own whether it is the request that started the flight that changed something. */
  #notify(own = true): void {
    // In workerd, what a request waits for must happen in the same request.
    if (!own && this.#pollMs !== undefined) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }
}

function standsStill(): StalledFlight {
  return new StalledFlight('The same speech is being made and stands still.');
}

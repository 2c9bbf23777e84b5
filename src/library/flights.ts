/** Speech to be made for a flight. */
export interface FlightWork<T> {
  /** Bytes of the audio in the format of whoever started the flight. Ends with the signal's reason when it aborts. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /**
   * Stores what was made, once all pieces are.
   * @returns what those who wait for the whole are to get.
   */
  finish(pieces: readonly Uint8Array[]): Promise<T>;
}

/** A flight stood still for too long: whoever makes it is gone, and with a platform's request the work in it. Another may be started. */
export class StalledFlight extends Error {
  override readonly name = 'StalledFlight';
}

/** How flights are kept from hanging. */
export interface FlightsOptions {
  /** Milliseconds without a new piece after which one who waits takes the flight for dead; default 20,000. */
  readonly stallMs?: number;
  /** Bytes that all flights may hold at once; default 24 MiB. */
  readonly maxBytes?: number;
}

/** Speech under way that others may join. `T` is what it comes to once it is stored. */
export interface Flight<T> {
  /**
   * Takes part as a listener: pieces come as they are made, and are made only as fast as the fastest listener takes them, as long as
   * nobody waits for the whole. Leaving the loop ends the part, and so does the signal, whose reason is thrown then.
   */
  listen(signal: AbortSignal): AsyncGenerator<Uint8Array, void>;
  /**
   * Takes part until all is made and stored.
   * @param patient waits however long nothing comes: for whoever started it, and so is what keeps it going.
   * @throws whatever the work throws; the signal's reason; {@link StalledFlight}.
   */
  whole(signal: AbortSignal, patient?: boolean): Promise<T>;
}

/**
 * Makes identical requests of a process share one synthesis. The work runs as long as anybody takes part in it; when the last one
 * leaves, its signal aborts. Nothing is remembered once it has ended.
 */
export class Flights<T> {
  readonly #stallMs: number;
  readonly #maxBytes: number;
  readonly #flights = new Map<string, SharedFlight<T>>();
  #bytes = 0;

  constructor({ stallMs = 20_000, maxBytes = 24 * 1024 * 1024 }: FlightsOptions = {}) {
    this.#stallMs = stallMs;
    this.#maxBytes = maxBytes;
  }

  /** The flight under way for a key. */
  find(key: string): Flight<T> | undefined {
    return this.#flights.get(key);
  }

  /** Is there room to hold so many more bytes? */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxBytes;
  }

  /**
   * Starts a flight, which must not be under way yet.
   * @param bytes that it will hold, as far as can be told.
   * @param keepAlive is told of the work, which must go on for others when the request that started it has ended.
   */
  start(
    key: string,
    bytes: number,
    begin: (signal: AbortSignal) => Promise<FlightWork<T>>,
    keepAlive: (work: Promise<unknown>) => void,
  ): Flight<T> {
    const flight = new SharedFlight<T>(this.#stallMs);
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
  /** Told when nobody may join any more. */
  onDead = () => {};
  readonly #controller = new AbortController();
  readonly #stallMs: number;
  readonly #pieces: Uint8Array[] = [];
  /** Pieces that somebody is ready to take. */
  #wanted = 0;
  #present = 0;
  #made: 'under way' | 'whole' | 'failed' = 'under way';
  #fault: unknown;
  readonly #result: Promise<T>;
  #settle!: { resolve: (value: T) => void; reject: (fault: unknown) => void };
  /** Called at every change; each waits for one. */
  #waiting: (() => void)[] = [];

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
    this.#result = new Promise<T>((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever takes part learns of a fault; there may be nobody.
    this.#result.catch(() => {});
  }

  /** Makes the speech. Never throws. */
  async run(begin: (signal: AbortSignal) => Promise<FlightWork<T>>): Promise<void> {
    const { signal } = this.#controller;
    try {
      const { pieces, finish } = await begin(signal);
      for await (const piece of pieces) {
        this.#pieces.push(piece);
        this.#notify();
        while (this.#pieces.length > this.#wanted && !signal.aborted) await this.#change();
        signal.throwIfAborted();
      }
      this.#made = 'whole';
      this.#notify();
      this.#settle.resolve(await finish(this.#pieces));
    } catch (fault) {
      if (this.#made === 'under way') this.#made = 'failed';
      this.#fault = fault;
      this.#settle.reject(fault);
      this.#notify();
    }
  }

  async *listen(signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const leave = this.#enter();
    const abort = () => {
      leave();
      this.#notify();
    };
    signal.addEventListener('abort', abort);
    try {
      for (let index = 0; ; index++) {
        if (this.#wanted <= index) {
          this.#wanted = index + 1;
          this.#notify();
        }
        while (this.#pieces.length <= index && this.#made === 'under way' && !signal.aborted) {
          await this.#change();
        }
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
    const leave = this.#enter();
    this.#wanted = Number.POSITIVE_INFINITY;
    this.#notify();
    return new Promise<T>((resolve, reject) => {
      let pieces = this.#pieces.length;
      const watch = setInterval(() => {
        if (!patient && this.#pieces.length === pieces) {
          this.onDead();
          end(() => reject(new StalledFlight('The same speech is being made and stands still.')));
        }
        pieces = this.#pieces.length;
      }, this.#stallMs);
      const abort = () => end(() => reject(signal.reason));
      const end = (settle: () => void) => {
        clearInterval(watch);
        signal.removeEventListener('abort', abort);
        leave();
        settle();
      };
      signal.addEventListener('abort', abort);
      this.#result.then(
        (value) => end(() => resolve(value)),
        (fault) => end(() => reject(fault)),
      );
    });
  }

  /** @returns what ends the part; a second call does nothing. */
  #enter(): () => void {
    this.#present++;
    let present = true;
    return () => {
      if (!present) return;
      present = false;
      if (--this.#present > 0 || this.#made !== 'under way') return;
      // Whoever comes now is too late to keep it going.
      this.onDead();
      this.#controller.abort(new DOMException('Nobody listens any more.', 'AbortError'));
      this.#notify();
    };
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

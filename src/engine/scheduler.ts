import { SoriError } from '../base/errors.ts';
import { nextTurn } from '../base/turns.ts';

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
  /** Gives the place in the queue back. A second call does nothing. */
  end(): void;
}

/** Options of {@link Scheduler}. */
export interface SchedulerOptions {
  /** Steps that run at once; 1 when not given. */
  readonly concurrency?: number;
  /** Text of so many characters at most is interactive: it overtakes longer text. 200 when not given. */
  readonly interactiveCharacters?: number;
  /** Most milliseconds that new work may be expected to wait for its first step: interactive work, and longer work. */
  readonly maxWaitMs?: { readonly interactive: number; readonly long: number };
  /** Gives the event loop a turn. Called after each step, several times after one of long work, before the next one begins. */
  readonly pause?: () => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Interactive steps in a row after which longer work gets one. */
const INTERACTIVE_IN_A_ROW = 8;
/**
 * Turns of the event loop between two steps: a request passes through several events before it is answered (it arrives, storage answers, its
 * answer is sent), and without these turns it would wait for a step of long work at each of them.
 */
const PAUSES = { interactive: 1, long: 4 } as const;
/** Characters of a sentence, after which long work has its first audio. */
const SENTENCE_CHARACTERS = 120;
/** Milliseconds that a character takes, before any was measured. */
const FIRST_MS_PER_CHARACTER = 15;
/** How far one piece of work moves the estimate of the milliseconds that a character takes. */
const LEARNING = 0.1;
/**
 * Milliseconds after which a turn that was not taken, or a step that has not ended, no longer blocks the others. In workerd the code of a
 * cancelled request never continues.
 */
const LOST_MS = { turn: 2_000, step: 30_000 } as const;
const WATCH_MS = 1_000;
/** Milliseconds after which work that requests no turn, because its reader is slow, no longer delays others. */
const IDLE_MS = 10_000;

interface Client {
  /** Milliseconds that it was served, counted from those of the least served client when it came. */
  served: number;
  work: number;
}

interface Entry {
  readonly request: WorkRequest;
  readonly name: string;
  readonly client: Client;
  readonly interactive: boolean;
  left: number;
  served: number;
  /** When it last asked for a turn or had one. */
  seen: number;
}

interface Turn {
  readonly entry: Entry;
  readonly arrived: number;
  readonly grant: () => void;
  /** When its turn came, and whether it was taken. */
  grantedAt?: number;
  taken?: boolean;
}

/**
 * Decides which step runs next. Interactive work goes first. Within a class it is the client with the least processor time so far, and of
 * its work the one with the least, so that clients get equal shares. One in nine steps belongs to long work, so it is never starved. New
 * work that would wait too long is refused at once.
 *
 * Every step runs in the request that asked for it, and passes the turn on when it has ended.
 */
export class Scheduler {
  readonly #concurrency: number;
  readonly #interactiveCharacters: number;
  readonly #maxWaitMs: { readonly interactive: number; readonly long: number };
  readonly #pause: () => Promise<void>;
  readonly #now: () => number;
  readonly #entries = new Set<Entry>();
  readonly #clients = new Map<string, Client>();
  readonly #running = new Set<Turn>();
  #waiting: Turn[] = [];
  #arrivals = 0;
  #inARow = 0;
  /** Whether the next step pauses first: the request of the last one ended before it could pause. */
  #pauseDue = false;
  #msPerCharacter = FIRST_MS_PER_CHARACTER;

  constructor(options: SchedulerOptions = {}) {
    this.#concurrency = options.concurrency ?? 1;
    this.#interactiveCharacters = options.interactiveCharacters ?? 200;
    this.#maxWaitMs = options.maxWaitMs ?? { interactive: 10_000, long: 60_000 };
    this.#pause = options.pause ?? nextTurn;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Work that has a place. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Takes a place for new work.
   * @throws {SoriError} `queue_full` with the seconds after which a retry makes sense.
   */
  enter(request: WorkRequest): ScheduledWork {
    request.signal?.throwIfAborted();
    const interactive = !request.background && request.characters <= this.#interactiveCharacters;
    this.#refuseLongWait(interactive);
    const name = request.client ?? '';
    const client = this.#clients.get(name) ?? { served: this.#leastServed(), work: 0 };
    client.work++;
    this.#clients.set(name, client);
    const entry: Entry = {
      request,
      name,
      client,
      interactive,
      left: request.characters,
      served: 0,
      seen: this.#now(),
    };
    this.#entries.add(entry);
    const { signal } = request;
    const end = () => {
      signal?.removeEventListener('abort', end);
      if (!this.#entries.delete(entry)) return;
      if (--client.work === 0) this.#clients.delete(name);
      this.#learn(entry);
      for (const turn of [...this.#running]) {
        if (turn.entry !== entry) continue;
        // In workerd a pause that has begun may never end once the request is over, so the next step pauses.
        this.#pauseDue = true;
        this.#release(turn);
      }
    };
    signal?.addEventListener('abort', end);
    return {
      step: (run) => this.#step(entry, run),
      done: (characters) => {
        entry.left = Math.max(0, entry.left - characters);
      },
      end,
    };
  }

  /** Milliseconds that new work is expected to wait for its first audio. */
  expectedWaitMs(interactive: boolean): number {
    let characters = 0;
    const idle = this.#now() - IDLE_MS;
    for (const { interactive: first, left, seen } of this.#entries) {
      if (seen < idle) continue;
      if (first) characters += left;
      else if (!interactive) characters += Math.min(left, SENTENCE_CHARACTERS);
    }
    return (characters * this.#msPerCharacter) / this.#concurrency;
  }

  #refuseLongWait(interactive: boolean): void {
    const waitMs = this.expectedWaitMs(interactive);
    const most = this.#maxWaitMs[interactive ? 'interactive' : 'long'];
    if (waitMs <= most) return;
    const seconds = Math.ceil((waitMs - most) / 1000);
    const message = `${this.#entries.size} requests are under way, and this one would wait ${Math.ceil(waitMs / 1000)} s; try again in ${seconds} s.`;
    throw new SoriError('queue_full', message, { retryAfterSeconds: seconds });
  }

  #leastServed(): number {
    const served = [...this.#clients.values()].map((client) => client.served);
    return served.length > 0 ? Math.min(...served) : 0;
  }

  /** Updates the average working time of a character, without waiting. */
  #learn({ request: { characters }, left, served }: Entry): void {
    const made = characters - left;
    if (made <= 0 || served <= 0) return;
    this.#msPerCharacter += LEARNING * (served / made - this.#msPerCharacter);
  }

  async #step<T>(entry: Entry, run: () => Promise<T>): Promise<T> {
    const turn = await this.#turn(entry);
    let started = this.#now();
    try {
      if (this.#pauseDue) {
        this.#pauseDue = false;
        await this.#pauseAfter(entry);
        entry.request.signal?.throwIfAborted();
        started = this.#now();
      }
      return await run();
    } finally {
      const ms = this.#now() - started;
      entry.served += ms;
      entry.client.served += ms;
      entry.seen = this.#now();
      // In the pause the same work may request its next step, and so stays first.
      void this.#pauseAfter(entry).then(() => this.#release(turn));
    }
  }

  async #pauseAfter({ interactive }: Entry): Promise<void> {
    for (let turns = interactive ? PAUSES.interactive : PAUSES.long; turns > 0; turns--) await this.#pause();
  }

  #release(turn: Turn): void {
    if (this.#running.delete(turn)) this.#next();
  }

  /** Waits for a turn. */
  async #turn(entry: Entry): Promise<Turn> {
    const { signal } = entry.request;
    signal?.throwIfAborted();
    entry.seen = this.#now();
    let settle!: () => void;
    let refuse!: (reason: unknown) => void;
    const granted = new Promise<void>((resolve, reject) => {
      settle = resolve;
      refuse = reject;
    });
    const turn: Turn = { entry, arrived: this.#arrivals++, grant: settle };
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== turn);
      refuse(signal?.reason);
    };
    signal?.addEventListener('abort', leave);
    this.#waiting.push(turn);
    this.#next();
    const watch = turn.grantedAt === undefined ? setInterval(() => this.#recover(), WATCH_MS) : undefined;
    try {
      await granted;
      turn.taken = true;
      signal?.throwIfAborted();
      return turn;
    } catch (reason) {
      // It may have left after its turn had come.
      this.#release(turn);
      throw reason;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', leave);
    }
  }

  #next(): void {
    while (this.#running.size < this.#concurrency && this.#waiting.length > 0) {
      const turn = this.#choose();
      this.#waiting = this.#waiting.filter((other) => other !== turn);
      this.#running.add(turn);
      turn.grantedAt = this.#now();
      turn.grant();
    }
  }

  #choose(): Turn {
    const interactive = this.#waiting.filter(({ entry }) => entry.interactive);
    const long = this.#waiting.filter(({ entry }) => !entry.interactive);
    const longFirst = interactive.length === 0 || (long.length > 0 && this.#inARow >= INTERACTIVE_IN_A_ROW);
    this.#inARow = longFirst || long.length === 0 ? 0 : this.#inARow + 1;
    return (longFirst ? long : interactive).reduce((best, turn) => (precedes(turn, best) ? turn : best));
  }

  #recover(): void {
    const now = this.#now();
    for (const turn of this.#running) {
      const lost = turn.taken ? LOST_MS.step : LOST_MS.turn;
      if (now - (turn.grantedAt ?? now) > lost) this.#running.delete(turn);
    }
    this.#next();
  }
}

function precedes(one: Turn, other: Turn): boolean {
  const byClient = one.entry.client.served - other.entry.client.served;
  if (byClient !== 0) return byClient < 0;
  const byWork = one.entry.served - other.entry.served;
  return byWork !== 0 ? byWork < 0 : one.arrived < other.arrived;
}

import { Changes } from '../base/changes.ts';
import { SoriError } from '../base/errors.ts';
import { nextTurn } from '../base/turns.ts';
import { TurnOrder } from './scheduling/order.ts';
import { WaitingTime } from './scheduling/waiting-time.ts';
import type { Client, Entry, ScheduledWork, Turn, WorkRequest } from './scheduling/work.ts';

export type { ScheduledWork, WorkRequest } from './scheduling/work.ts';

/** Options of {@link Scheduler}. */
export interface SchedulerOptions {
  /** Steps that run at once; 1 when not given. */
  readonly concurrency?: number;
  /** Longest interactive text in characters, which goes before longer text. 200 when not given. */
  readonly interactiveCharacters?: number;
  /** Most milliseconds that new work may be expected to wait for its first step: interactive work, and longer work. */
  readonly maxWaitMs?: { readonly interactive: number; readonly long: number };
  /** Yields to the event loop. Called between two steps, several times after a step of long work. */
  readonly pause?: () => Promise<void>;
  /** Milliseconds between two looks of the work that is next whether it is its turn, in workerd (see {@link Changes}). */
  readonly pollMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Turns of the event loop between two steps: a request passes through several events before it is answered (it arrives, storage answers, its
 * answer is sent), and without these turns it would wait for a step of long work at each of them.
 */
const PAUSES = { interactive: 1, long: 4 } as const;
/**
 * Interactive steps, of all requests together, after which there is a pause, and milliseconds that they may take before it comes earlier. A
 * turn of workerd's event loop takes a millisecond in which the processor is idle, so a pause after each of the many short steps of a phrase
 * would cost a tenth of the throughput. Where the clock stands still during a turn, as in a deployed Worker, the number alone decides.
 */
const UNPAUSED = { steps: 5, ms: 32 } as const;
/**
 * Milliseconds after which a waiting turn that no longer looks, or a step that has not ended, no longer blocks the others. In workerd the
 * code of a cancelled request never continues.
 */
const LOST_MS = { turn: 2_000, step: 30_000 } as const;

/**
 * Longest time until the next look, as a multiple of {@link SchedulerOptions.pollMs}. Work that has to wait for other work looks less often,
 * because a look takes about 20 microseconds of processor time: 64 requests that all look every millisecond take half of the processor.
 */
const MOST_POLLS = 128;

/**
 * Multiples of {@link SchedulerOptions.pollMs} until the next look, for each step that goes before. A step of a phrase takes two milliseconds
 * or more, so a request has looked again by the time its turn comes.
 */
const POLLS_PER_STEP = 2;

/**
 * Runs the steps of all work, a limited number at once, in the order of {@link TurnOrder}. New work that would wait too long is refused at
 * once.
 *
 * Every step runs in the request that asked for it, which finds out by itself when its turn has come.
 */
export class Scheduler {
  readonly #concurrency: number;
  readonly #interactiveCharacters: number;
  readonly #maxWaitMs: { readonly interactive: number; readonly long: number };
  readonly #pause: () => Promise<void>;
  readonly #changes: Changes;
  readonly #now: () => number;
  readonly #order = new TurnOrder();
  readonly #waitingTime = new WaitingTime();
  readonly #entries = new Set<Entry>();
  readonly #clients = new Map<string, Client>();
  readonly #running = new Set<Turn>();
  #waiting: Turn[] = [];
  #arrivals = 0;
  /**
   * Whether the next step begins with a pause, whichever request it belongs to. If the request of the last step paused instead, it could end
   * meanwhile, and in workerd its pause would then never end.
   */
  #pauseDue = false;
  /** The work of the last step, if it may go on at once. */
  #continued: Entry | undefined;
  /** Steps since the last pause, and the milliseconds that they took. */
  #unpaused = { steps: 0, ms: 0 };

  constructor(options: SchedulerOptions = {}) {
    this.#concurrency = options.concurrency ?? 1;
    this.#interactiveCharacters = options.interactiveCharacters ?? 200;
    this.#maxWaitMs = options.maxWaitMs ?? { interactive: 10_000, long: 60_000 };
    this.#pause = options.pause ?? nextTurn;
    this.#changes = new Changes(options.pollMs);
    this.#now = options.now ?? (() => performance.now());
  }

  /** Number of pieces of work in the queue. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Adds work to the queue.
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
      this.#waitingTime.learn(entry);
      for (const turn of [...this.#running]) {
        if (turn.entry !== entry) continue;
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
    return this.#waitingTime.estimateMs(this.#entries, interactive, this.#now()) / this.#concurrency;
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
      this.#unpaused.steps++;
      this.#unpaused.ms += ms;
      const { interactive } = entry;
      const long = [...this.#entries].some((other) => !other.interactive);
      const full = this.#unpaused.steps >= UNPAUSED.steps || this.#unpaused.ms >= UNPAUSED.ms;
      if (interactive && !long && this.#changes.polled) {
        if (full) this.#pauseDue = true;
        // Until a pause is due, this work may request its next step before the others.
        this.#continued = full ? undefined : entry;
        this.#release(turn);
      } else {
        // In the pause the same work may request its next step, and so stays first. Without it, a step of long work could begin before that.
        const pause = !interactive || long || full ? this.#pauseAfter(entry) : Promise.resolve();
        void pause.then(() => this.#release(turn));
      }
    }
  }

  async #pauseAfter({ interactive }: Entry): Promise<void> {
    this.#unpaused = { steps: 0, ms: 0 };
    for (let turns = interactive ? PAUSES.interactive : PAUSES.long; turns > 0; turns--) await this.#pause();
  }

  #release(turn: Turn): void {
    if (this.#running.delete(turn)) this.#changes.notify();
  }

  /** Waits for a turn. */
  async #turn(entry: Entry): Promise<Turn> {
    const { signal } = entry.request;
    signal?.throwIfAborted();
    const now = this.#now();
    entry.seen = now;
    const turn: Turn = { entry, arrived: this.#arrivals++, lookedAt: now };
    this.#waiting.push(turn);
    try {
      while (!this.#begin(turn)) {
        const before = this.#order.before(turn, this.#waiting);
        await this.#changes.next(signal, Math.min(Math.max(POLLS_PER_STEP * before, 1), MOST_POLLS));
        signal?.throwIfAborted();
      }
      return turn;
    } catch (reason) {
      this.#waiting = without(this.#waiting, turn);
      this.#changes.notify();
      throw reason;
    }
  }

  /** Begins a step if it is its turn. */
  #begin(turn: Turn): boolean {
    const now = this.#now();
    turn.lookedAt = now;
    this.#forgetLost(now);
    if (this.#running.size >= this.#concurrency) return false;
    const others = without(this.#waiting, turn);
    // Another request may have removed it, when the event loop was busy for longer than LOST_MS.
    this.#waiting = [...others, turn];
    if (turn.entry !== this.#continued && this.#order.next(this.#waiting) !== turn) return false;
    this.#order.begin(turn, others);
    this.#waiting = others;
    turn.begunAt = now;
    this.#running.add(turn);
    this.#continued = undefined;
    return true;
  }

  #forgetLost(now: number): void {
    for (const turn of this.#running) {
      if (now - (turn.begunAt ?? now) > LOST_MS.step) this.#running.delete(turn);
    }
    if (!this.#changes.polled) return;
    this.#waiting = this.#waiting.filter(({ lookedAt }) => now - lookedAt <= LOST_MS.turn);
  }
}

const without = (turns: readonly Turn[], turn: Turn): Turn[] => turns.filter((other) => other !== turn);

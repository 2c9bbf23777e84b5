import { SoriError } from '../base/errors.ts';
import type { SingleFlight } from '../base/single-flight.ts';
import type { GraphSession } from '../inference/backend.ts';

/** A session that may be made when it is needed. */
export interface SessionRecipe {
  /** Sessions of the same key are the same: the hash of the graph, which names its weights by hash. */
  readonly key: string;
  /** Bytes of graph and weights: what the session counts for. */
  readonly bytes: number;
  /** Released as soon as nobody uses it, rather than kept for the next use. */
  readonly transient?: boolean;
  create(signal: AbortSignal): Promise<GraphSession>;
}

/** Keeps sessions ready within a byte budget. */
export interface SessionPool {
  /**
   * Does some work with a session, which is made first where it must be; it isn't released while the work lasts.
   * @throws what `create` or the work throws; {@link SoriError} `model_unavailable` when the budget is too small for it.
   */
  use<T>(
    recipe: SessionRecipe,
    work: (session: GraphSession) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Releases idle sessions that `wanted` doesn't want, and that have been idle for `idleMs`. */
  sweep(wanted: (key: string) => boolean, idleMs: number): void;
  /** Sessions held, and the bytes that they count for. */
  readonly size: { readonly sessions: number; readonly bytes: number };
}

interface Slot {
  readonly session: GraphSession;
  readonly bytes: number;
  running: number;
  usedAt: number;
}

/**
 * Makes a pool that releases the least recently used sessions before it makes one that would not fit.
 * @param byteBudget exceeded only while every other session is running.
 * @param share joins concurrent first uses.
 */
export function createSessionPool(byteBudget: number, share: SingleFlight, now: () => number): SessionPool {
  /** In order of last use, oldest first. */
  const slots = new Map<string, Slot>();
  let held = 0;
  let coming = 0;

  function release(key: string, slot: Slot) {
    slots.delete(key);
    held -= slot.bytes;
    // The backend's queue frees it before anything that is asked for later; a failure leaves nothing to do.
    slot.session.release().catch(() => {});
  }

  function makeRoom(bytes: number) {
    for (const [key, slot] of slots) {
      if (held + coming + bytes <= byteBudget) return;
      if (slot.running === 0) release(key, slot);
    }
  }

  async function make({ key, bytes, create }: SessionRecipe, signal: AbortSignal): Promise<void> {
    makeRoom(bytes);
    coming += bytes;
    try {
      const session = await create(signal);
      slots.set(key, { session, bytes, running: 0, usedAt: now() });
      held += bytes;
    } finally {
      coming -= bytes;
    }
  }

  return {
    async use(recipe, work, signal) {
      const { key, bytes } = recipe;
      if (bytes > byteBudget) {
        const message = `A stage of ${bytes} bytes does not fit into the budget of ${byteBudget} bytes.`;
        throw new SoriError('model_unavailable', message);
      }
      let slot = slots.get(key);
      // A loop, because others may have pushed the session out again before this caller's turn came.
      while (!slot) {
        await share(key, (shared) => make(recipe, shared), signal);
        slot = slots.get(key);
      }
      slot.running++;
      try {
        return await work(slot.session);
      } finally {
        slot.running--;
        slot.usedAt = now();
        if (recipe.transient && slot.running === 0 && slots.has(key)) release(key, slot);
        else if (slots.delete(key)) slots.set(key, slot);
        makeRoom(0);
      }
    },

    sweep(wanted, idleMs) {
      for (const [key, slot] of slots) {
        if (!wanted(key) && slot.running === 0 && now() - slot.usedAt >= idleMs) release(key, slot);
      }
    },

    get size() {
      return { sessions: slots.size, bytes: held };
    },
  };
}

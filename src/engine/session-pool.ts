import { SoriError } from '../base/errors.ts';
import type { SingleFlight } from '../base/single-flight.ts';
import type { GraphSession } from '../inference/backend.ts';

/** A session that is created on demand. */
export interface SessionRecipe {
  /** The hash of the graph, which includes the hashes of its weights. Equal keys mean equal sessions. */
  readonly key: string;
  /** Bytes of graph and weights, which count for the budget. */
  readonly bytes: number;
  /** Whether it is released after its use instead of being kept. */
  readonly transient?: boolean;
  create(signal: AbortSignal): Promise<GraphSession>;
}

/** A pool of sessions within a byte budget. */
export interface SessionPool {
  /**
   * Runs work with a session, which is created if needed and not released while the work runs.
   * @throws errors of `create` or of the work; {@link SoriError} `model_unavailable` when the budget is too small for it.
   */
  use<T>(
    recipe: SessionRecipe,
    work: (session: GraphSession) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Releases sessions that `wanted` rejects and that have been idle for `idleMs`. */
  sweep(wanted: (key: string) => boolean, idleMs: number): void;
  /** Number of open sessions and their bytes. */
  readonly size: { readonly sessions: number; readonly bytes: number };
}

interface Slot {
  readonly session: GraphSession;
  readonly bytes: number;
  running: number;
  usedAt: number;
}

/**
 * Makes a pool that releases the least recently used sessions before it creates one that would not fit.
 * @param byteBudget exceeded only while all other sessions are running.
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
    // The backend's queue frees it before later work; a failure needs no handling.
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
      // A loop, because the session may have been evicted before this caller's turn.
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

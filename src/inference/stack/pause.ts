import { freeArrays } from '../../base/free.ts';
import { nextTurn } from '../../base/turns.ts';
import type { Activations, Network } from './network.ts';

/** Rows of a run that pauses. */
export interface PausedRows {
  readonly frames: number;
  readonly channels: number;
  /** The network's mark when the run began: all memory above it is free during the pause. */
  readonly mark: number;
  readonly signal?: AbortSignal;
}

/**
 * Ends the turn of the event loop within a run of a network. The rows are kept outside of the network's memory, because another run of it may
 * start meanwhile, and this one may never continue.
 * @param x f32 [frames, channels].
 * @returns the same rows in new memory.
 * @throws the signal's reason.
 */
export async function pauseRun(
  network: Network,
  { x }: Activations,
  { frames, channels, mark, signal }: PausedRows,
): Promise<Activations> {
  const kept = network.view(x, frames * channels).slice();
  network.rewind(mark);
  await nextTurn();
  signal?.throwIfAborted();
  const rows = network.activations(frames, channels);
  network.view(rows.x, kept.length).set(kept);
  freeArrays(kept);
  return rows;
}

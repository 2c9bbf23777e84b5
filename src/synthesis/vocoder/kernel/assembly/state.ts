// Everything of one utterance that lasts from call to call lies in one block, which the caller copies in and out: the kernel
// keeps nothing, so one instance serves any number of utterances under way.

/** Samples that the rings hold: more than a window and its mirrored edge reach back. */
export const RING: i32 = 2048;
const RING_MASK: i32 = RING - 1;

const HEADER: i32 = 48;
/** Size of the block. */
export const STATE_BYTES: i32 = HEADER + RING * (4 + 4 + 8 + 8);
/** The block. */
export const state = memory.data(48 + 2048 * 24);

const PULSES = state + HEADER;
const NOISE = PULSES + RING * 4;
const SUM = NOISE + RING * 4;
const WEIGHT = SUM + RING * 8;

/** Phase of the pulse train in cycles, [0, 1). */
export const PHASE = 0;
/** The second of the two normal numbers that a draw makes. */
export const SPARE = 8;
export const HAS_SPARE = 16;
/** State of the random generator. */
export const RANDOM = 20;
/** Samples of excitation made. */
export const FILLED = 24;
/** Samples given out. */
export const EMITTED = 28;
/** Frames taken. */
export const FRAME = 32;

export function pulse(n: i32): usize {
  return PULSES + ((n & RING_MASK) << 2);
}

export function white(n: i32): usize {
  return NOISE + ((n & RING_MASK) << 2);
}

export function sum(n: i32): usize {
  return SUM + ((n & RING_MASK) << 3);
}

export function weight(n: i32): usize {
  return WEIGHT + ((n & RING_MASK) << 3);
}

// Everything of one utterance that lasts from call to call lies in one block, which the caller copies in and out: the kernel
// keeps nothing, so one instance serves any number of utterances under way.

/** Samples that a ring holds: more than the frames under way reach over, mirrored edges included. */
export const RING: i32 = 4096;
const RING_MASK: i32 = RING - 1;
/** Most rounds of matching. */
export const MAX_ROUNDS: i32 = 3;
/** Frames whose mels are held back: more than wait for the last round. */
const MEL_FRAMES: i32 = 64;
/** Most mel bands. */
export const MAX_BANDS: i32 = 128;

const HEADER: i32 = 96;
/** Size of the block. */
export const STATE_BYTES: i32 = HEADER + RING * 4 * (4 + 1 + MAX_ROUNDS) + MEL_FRAMES * MAX_BANDS * 4;
/** The block. */
export const state = memory.data(96 + 4096 * 4 * 8 + 64 * 128 * 4);

const PULSES = state + HEADER;
const NOISE = PULSES + RING * 4;
const COSINES = NOISE + RING * 4;
const SINES = COSINES + RING * 4;
const LAYERS = SINES + RING * 4;
const MEL = LAYERS + RING * 4 * (1 + MAX_ROUNDS);

/** Phase of the pulse train in cycles, [0, 1). */
export const PHASE = 0;
/** State of the random generator. */
export const RANDOM = 20;
/** Samples of excitation made. */
export const FILLED = 24;
/** Samples given out. */
export const EMITTED = 28;
/** Frames taken. */
export const FRAME = 32;
/** Harmonics of a pulse; 0 where their number follows the pitch. */
export const HARMONICS = 36;
/** Rounds of matching. */
export const ROUNDS = 40;
/** Frames synthesized by each layer: the filters' first, then one for each round. */
export const LAYER_FRAME = 48;
/** Samples that no later frame of the layer touches. */
export const LAYER_READY = 72;

export function pulse(n: i32): usize {
  return PULSES + ((n & RING_MASK) << 2);
}

export function white(n: i32): usize {
  return NOISE + ((n & RING_MASK) << 2);
}

/** Cosine of the pulse train's phase. */
export function swing(n: i32): usize {
  return COSINES + ((n & RING_MASK) << 2);
}

/** Sine of the pulse train's phase. */
export function sway(n: i32): usize {
  return SINES + ((n & RING_MASK) << 2);
}

/** Samples of a layer: sums of windowed frames, divided by the window's share once they are ready. */
export function ring(layer: i32): usize {
  return LAYERS + ((layer * RING) << 2);
}

/** Offset of a sample in a layer's ring. */
export function inRing(n: i32): usize {
  return (n & RING_MASK) << 2;
}

/** Mel of a frame. */
export function melOf(frame: i32, bands: i32): usize {
  return MEL + (((frame & (MEL_FRAMES - 1)) * bands) << 2);
}

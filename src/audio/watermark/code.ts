import { msbFirstCrc } from '../../base/crc.ts';
import { PAYLOAD_BYTES } from './types.ts';

/** Bits of the payload and of its 16-bit checksum. */
const BITS = 8 * PAYLOAD_BYTES + 16;
/** Generators of the convolutional code of rate 1/3 and constraint length 9 with the largest free distance, 18 (Larsen 1973). */
const GENERATORS = [0o557, 0o663, 0o711];
const MEMORY = 8;
const STATES = 2 ** MEMORY;
/** Bits that {@link encode} makes. */
export const CODED_BITS = BITS * GENERATORS.length;

const crc16 = msbFirstCrc(16, 0x1021);

/** The three output bits for each state and input bit, as a 3-bit number. The newest input is the highest bit of the register. */
const OUTPUTS = Uint8Array.from({ length: 2 * STATES }, (_, register) =>
  GENERATORS.reduce((bits, generator, i) => bits | (parity(register & generator) << i), 0),
);

/**
 * Protects a payload with a checksum and a tail-biting convolutional code. Its register starts in its final state, so no bits are spent on
 * termination.
 * @returns {@link CODED_BITS} of 0 or 1.
 */
export function encode(payload: Uint8Array): Uint8Array {
  const bits = withChecksum(payload);
  const coded = new Uint8Array(CODED_BITS);
  let state = 0;
  for (let i = BITS - MEMORY; i < BITS; i++) state = (state | (bits[i] << MEMORY)) >> 1;
  for (let i = 0; i < BITS; i++) {
    const register = state | (bits[i] << MEMORY);
    for (let j = 0; j < 3; j++) coded[3 * i + j] = (OUTPUTS[register] >> j) & 1;
    state = register >> 1;
  }
  return coded;
}

/**
 * Finds the most likely payload: Viterbi's algorithm over two rounds of the tail-biting code, of which the second counts.
 * @param soft evidence for each coded bit: above 0 for 1, below 0 for 0.
 * @returns the payload, if its checksum is right.
 */
export function decode(soft: Float64Array): Uint8Array | undefined {
  const steps = 3 * BITS;
  let metric = new Float64Array(STATES);
  let next = new Float64Array(STATES);
  /** Lowest bit of the best previous state. */
  const came = new Uint8Array(steps * STATES);
  for (let step = 0; step < steps; step++) {
    const gains = gainsAt(soft, step % BITS);
    for (let state = 0; state < STATES; state++) {
      // State s comes from the register (s << 1 | lost bit).
      const register = state << 1;
      const [a, b] = [register & (STATES - 1), (register | 1) & (STATES - 1)];
      const zero = metric[a] + gains[OUTPUTS[register]];
      const one = metric[b] + gains[OUTPUTS[register | 1]];
      next[state] = zero >= one ? zero : one;
      came[step * STATES + state] = zero >= one ? 0 : 1;
    }
    [metric, next] = [next, metric];
  }
  let state = metric.indexOf(metric.reduce((best, value) => Math.max(best, value)));
  const bits = new Uint8Array(BITS);
  for (let step = steps - 1; step >= BITS; step--) {
    if (step < 2 * BITS) bits[step - BITS] = state >> (MEMORY - 1);
    state = ((state << 1) | came[step * STATES + state]) & (STATES - 1);
  }
  return checked(bits);
}

/** Metric of each of the 8 outputs of a step. */
function gainsAt(soft: Float64Array, bit: number): Float64Array {
  return Float64Array.from({ length: 8 }, (_, output) => {
    let gain = 0;
    for (let j = 0; j < 3; j++) gain += (output >> j) & 1 ? soft[3 * bit + j] : -soft[3 * bit + j];
    return gain;
  });
}

function withChecksum(payload: Uint8Array): Uint8Array {
  const crc = checksum(payload);
  const bytes = [...payload, crc >> 8, crc & 0xff];
  return Uint8Array.from({ length: BITS }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
}

function checked(bits: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(BITS / 8);
  bits.forEach((bit, i) => {
    bytes[i >> 3] |= bit << (7 - (i & 7));
  });
  const payload = bytes.slice(0, PAYLOAD_BYTES);
  return checksum(payload) === ((bytes[PAYLOAD_BYTES] << 8) | bytes[PAYLOAD_BYTES + 1]) ? payload : undefined;
}

/** Starts from all ones, so that eight zero bytes don't encode to zeros only. */
function checksum(payload: Uint8Array): number {
  return crc16(payload, 0xffff);
}

function parity(value: number): number {
  let bits = value;
  let odd = 0;
  for (; bits; bits >>= 1) odd ^= bits & 1;
  return odd;
}

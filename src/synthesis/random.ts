/** A stream of random numbers that its seed fixes on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  gaussian(): number;
}

/**
 * Seeded generator: mulberry32 for uniform numbers, Box and Muller's transform (Ann. Math. Stat. 29, 1958) for normal ones.
 * Speech needs noise that does not repeat audibly within a sentence, not cryptographic strength; a period of 2^32 is ample.
 * @param seed any number; its low 32 bits count.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  let spare: number | undefined;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    gaussian() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** Mixes a request's seed with the number of a part, so that parts don't share noise but stay reproducible. */
export function deriveSeed(seed: number, part: number): number {
  return Math.imul((seed >>> 0) ^ Math.imul(part + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
}

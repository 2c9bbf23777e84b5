/**
 * Blends a sampled style with the reference's, half by half, exactly as StyleTTS 2's inference does (Li et al. 2023; `inference` in its
 * published code): acoustic = alpha · sampled + (1 - alpha) · reference; prosodic = beta · sampled + (1 - beta) · reference. At 0 the
 * result is exactly the reference's half.
 * @param sampled [S] raw style.
 * @param reference [S] raw style.
 * @returns [S].
 */
export function blendStyles(
  sampled: ArrayLike<number>,
  reference: Float32Array,
  alpha: number,
  beta: number,
): Float32Array {
  const half = reference.length / 2;
  return reference.map((own, i) => {
    const share = i < half ? alpha : beta;
    return share * sampled[i] + (1 - share) * own;
  });
}

/**
 * Carries style from sentence to sentence (StyleTTS 2, long-form synthesis, `LFinference`): s_i = t · s_(i-1) + (1 - t) · sampled_i, before
 * the blend with the reference.
 * @param previous [S] what this function gave for the sentence before; none at the first.
 * @param continuity t, 0 to 1.
 * @returns [S] raw style.
 */
export function continueStyle(
  sampled: ArrayLike<number>,
  previous: Float32Array | undefined,
  continuity: number,
): Float32Array {
  return Float32Array.from(sampled, (value, i) =>
    previous ? continuity * previous[i] + (1 - continuity) * value : value,
  );
}

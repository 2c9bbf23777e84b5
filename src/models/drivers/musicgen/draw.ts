/** Options of {@link drawToken}. */
export interface DrawOptions {
  /** 0 takes the likeliest. */
  readonly temperature: number;
  /** Tokens among which is drawn. */
  readonly topK: number;
  /** 0 to 1. */
  readonly random: number;
}

/** Draws a token by scores before softmax, from the most likely ones. */
export function drawToken(scores: Float32Array, { temperature, topK, random }: DrawOptions): number {
  const order = Array.from(scores, (_, token) => token).sort((a, b) => scores[b] - scores[a] || a - b);
  if (temperature === 0) return order[0];
  const kept = order.slice(0, topK);
  const most = scores[kept[0]];
  const shares = kept.map((token) => Math.exp((scores[token] - most) / temperature));
  let left = random * shares.reduce((sum, share) => sum + share, 0);
  for (const [i, share] of shares.entries()) {
    left -= share;
    if (left <= 0) return kept[i];
  }
  return kept[kept.length - 1];
}

/** Classifier-free guidance: how far to go from the scores without a prompt towards, and past, those with it. */
export function guided(withPrompt: Float32Array, without: Float32Array, guidance: number): Float32Array {
  return withPrompt.map((score, i) => without[i] + guidance * (score - without[i]));
}

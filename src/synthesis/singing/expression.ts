/** Deviations of the pitch from the notes. 0 turns each of them off. */
export interface Expression {
  /** Milliseconds of the glide from one note to the next; 0 is a step. */
  readonly portamento: number;
  /** Cents of vibrato above and below the note. */
  readonly vibratoDepth: number;
  /** Vibrato cycles a second. */
  readonly vibratoRate: number;
  /** Seconds that a note is steady before its vibrato starts. Shorter notes have none. */
  readonly vibratoDelay: number;
  /** Cents of the dip against the direction of a leap, just before it. */
  readonly preparation: number;
  /** Cents by which the pitch exceeds the note after a leap. */
  readonly overshoot: number;
  /** Standard deviation in cents of the slow irregularity of a voice. */
  readonly jitter: number;
}

/** Usual amounts of a trained singer, after Saitou et al. 2005 (Speech Communication 46), section 4. */
export const USUAL_EXPRESSION: Expression = {
  portamento: 90,
  vibratoDepth: 35,
  vibratoRate: 5.5,
  vibratoDelay: 0.45,
  preparation: 20,
  overshoot: 25,
  jitter: 3,
};

/** Least and greatest value of each. */
export const EXPRESSION_RANGES: Readonly<Record<keyof Expression, readonly [number, number]>> = {
  portamento: [0, 500],
  vibratoDepth: [0, 200],
  vibratoRate: [2, 9],
  vibratoDelay: [0, 5],
  preparation: [0, 100],
  overshoot: [0, 100],
  jitter: [0, 30],
};

/**
 * Expression of a request.
 * @param amount factor on all usual amounts; 0 sings the score exactly.
 * @param own amounts that are stated, which the factor leaves alone.
 */
export function expressionOf(amount: number, own: Partial<Expression> = {}): Expression {
  const usual = USUAL_EXPRESSION;
  const value = (name: keyof Expression, scaled: number) => own[name] ?? scaled;
  return {
    portamento: value('portamento', amount * usual.portamento),
    vibratoDepth: value('vibratoDepth', amount * usual.vibratoDepth),
    vibratoRate: value('vibratoRate', usual.vibratoRate),
    vibratoDelay: value('vibratoDelay', usual.vibratoDelay),
    preparation: value('preparation', amount * usual.preparation),
    overshoot: value('overshoot', amount * usual.overshoot),
    jitter: value('jitter', amount * usual.jitter),
  };
}

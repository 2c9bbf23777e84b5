import { charactersFor } from '../hearing/index.ts';

/** Characters of the month that a recording costs: as many as hearing it and speaking as long. */
export const priceOf = (seconds: number): number => 2 * charactersFor(seconds);

/** Secrets by their id; the first signs, all verify, so that they can be rotated. */
export type SigningKeys = ReadonlyMap<string, string>;

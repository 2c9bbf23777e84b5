import { charactersFor } from '../transcription/index.ts';

/** Characters that are charged for a recording: those of its transcription and of speech of the same length. */
export const priceOf = (seconds: number): number => 2 * charactersFor(seconds);

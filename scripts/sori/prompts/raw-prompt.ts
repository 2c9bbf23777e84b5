import type { Position } from './source-text.ts';

/** A prompt as its file has it, before it is checked. */
export interface RawPrompt {
  readonly name: string;
  /** Where the name stands. */
  readonly at: Position;
  /** The definition, the file's defaults merged in. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Where a value of the definition stands, or the next thing around it that stands in the file. */
  locate(path: readonly PropertyKey[]): Position;
}

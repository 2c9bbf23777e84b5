import type { Fault, Position } from './source-text.ts';

/** A prompt as its file has it, before it is checked. */
export interface RawPrompt {
  readonly name: string;
  /** Position of the name. */
  readonly at: Position;
  /** The definition, the file's defaults merged in. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Position of a value of the definition, or of the nearest enclosing part in the file. */
  locate(path: readonly PropertyKey[]): Position;
}

/** Content of a file, and its faults that were found without the schema. */
export interface RawFile {
  readonly prompts: readonly RawPrompt[];
  readonly faults: readonly Fault[];
}

/** The content of a file: in memory, or a stream of known length. */
export type OutputBytes =
  | Uint8Array
  | { readonly size: number; readonly open: () => ReadableStream<Uint8Array> };

/**
 * Stores files of jobs under `jobs/<id>/`: outputs that are no audio of the library, and intermediate results.
 * Drivers: `r2`, `files` and `memory`; one contract test.
 */
export interface JobOutputs {
  /** Stores a file completely or not at all; replaces a file of the same name. */
  put(job: string, name: string, bytes: OutputBytes): Promise<void>;
  /** @returns null when there is none. */
  get(job: string, name: string): Promise<ReadableStream<Uint8Array> | null>;
  /** Whether a file exists. */
  has(job: string, name: string): Promise<boolean>;
  /** Removes a job's files, or those with names that begin with `prefix`. */
  remove(job: string, prefix?: string): Promise<void>;
}

/** Get the output of a batch. */
export const OUTPUT = 'output.jsonl';
/** Prefix of intermediate results, which are removed when a job ends. */
export const DRAFTS = 'draft.';

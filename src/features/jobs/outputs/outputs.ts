/** A file of a job: in memory, or of a known length and read when it is written. */
export type OutputBytes =
  | Uint8Array
  | { readonly size: number; readonly open: () => ReadableStream<Uint8Array> };

/**
 * Keeps files of jobs, by job: under `jobs/<id>/`. They are what jobs write that is no audio of the library, and what they have made of
 * it so far. Drivers: `r2`, `files` and `memory`; one contract test.
 */
export interface JobOutputs {
  /** Keeps a file, whole or not at all; of the same name the last one counts. */
  put(job: string, name: string, bytes: OutputBytes): Promise<void>;
  /** @returns null when there is none. */
  get(job: string, name: string): Promise<ReadableStream<Uint8Array> | null>;
  /** Is there such a file? */
  has(job: string, name: string): Promise<boolean>;
  /** Removes a job's files, or those whose names begin with `prefix`. */
  remove(job: string, prefix?: string): Promise<void>;
}

/** What a batch came to. */
export const OUTPUT = 'output.jsonl';
/** Begins the names of what is thrown away when a job ends. */
export const DRAFTS = 'draft.';

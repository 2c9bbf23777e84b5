/** Keeps what jobs write that is no audio, by job: under `jobs/<id>/`. Drivers: `r2`, `files` and `memory`. */
export interface JobOutputs {
  /** Keeps a text, whole or not at all; the same job's last one counts. */
  put(job: string, text: string): Promise<void>;
  /** @returns null when there is none. */
  get(job: string): Promise<ReadableStream<Uint8Array> | null>;
}

/** Name of a job's output. */
export const outputName = (job: string): string => `${job}/output.jsonl`;

import type { Jobs } from '../jobs.ts';
import type { Job } from '../machine.ts';
import { type JobOutputs, OUTPUT } from '../outputs/outputs.ts';
import { planJob } from '../request.ts';
import type { JobRecord, StepOutcome } from '../stores/store.ts';

/** The result of a batch request: an answer with any status, or the reason why it was not made. */
export type LineEnd =
  | { readonly response: { readonly status_code: number; readonly body: object } }
  | { readonly error: { readonly code: string; readonly message: string } };

/** A line of a batch’s output, as OpenAI’s Batch API writes it. */
export function batchLine(job: string, index: number, customId: string, end: LineEnd): StepOutcome {
  const request_id = `${job}_${index + 1}`;
  const answered = 'response' in end;
  return {
    id: `batch_req_${request_id}`,
    custom_id: customId,
    response: answered
      ? { status_code: end.response.status_code, request_id, body: end.response.body }
      : null,
    error: answered ? null : end.error,
  };
}

/** Writes a batch's output, line by line. */
export async function writeLines(
  outputs: JobOutputs,
  job: string,
  lines: readonly StepOutcome[],
): Promise<void> {
  const size = lines.reduce((sum, line) => sum + bytesOf(line).length, 0);
  await outputs.put(job, OUTPUT, { size, open: () => linesOf(lines) });
}

/**
 * Opens a batch's output. For a failed or cancelled batch it has the results so far and an error for each other request
 * that was not made.
 * @returns null before the batch has ended.
 */
export async function openLines(
  { store, outputs }: Jobs,
  { id, kind, state }: Job,
): Promise<ReadableStream<Uint8Array> | null> {
  if (kind !== 'batch' || (state !== 'failed' && state !== 'cancelled')) return await outputs.get(id, OUTPUT);
  const record = await store.load(id);
  const plan = record && planJob(kind, record.request);
  if (plan?.kind !== 'batch') return null;
  const { job, outcomes } = record as JobRecord;
  const error =
    state === 'cancelled'
      ? { code: 'batch_cancelled', message: 'The batch was cancelled before this request was made.' }
      : { code: 'batch_failed', message: job.fault?.message ?? 'The batch failed before.' };
  const left = plan.lines
    .slice(outcomes.length)
    .map(({ customId }, i) => batchLine(id, outcomes.length + i, customId, { error }));
  return linesOf([...outcomes, ...left]);
}

const utf8 = new TextEncoder();
const bytesOf = (line: StepOutcome) => utf8.encode(`${JSON.stringify(line)}\n`);

function linesOf(lines: readonly StepOutcome[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (next < lines.length) controller.enqueue(bytesOf(lines[next++]));
      else controller.close();
    },
  });
}

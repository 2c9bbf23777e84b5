import type { TranscriptionSegment } from '../../models/tasks.ts';
import type { TranscriptionDependencies } from './dependencies.ts';
import { recognizeAtOrigin } from './recognize-at-origin.ts';
import { RATE, readRecording, recognizerOf, transcribe } from './transcribe.ts';

/** Seconds of a recording that are written down to check it. */
const MOST_SECONDS = 60;

/** A recording as it was sent. */
export interface RecordingToCheck {
  readonly bytes: Uint8Array;
  /** Field that it came in, for errors. */
  readonly param: string;
}

/**
 * Transcribes a recording, in order to check its words: with a recognizer of this server, else of its origins.
 * @returns `undefined` if neither has one, or no origin answers.
 * @throws {SoriError} `invalid_reference`, `model_unavailable`, `overloaded`; the signal's reason.
 */
export async function recognize(
  deps: TranscriptionDependencies,
  { bytes, param }: RecordingToCheck,
  signal: AbortSignal,
): Promise<readonly TranscriptionSegment[] | undefined> {
  await deps.hosted?.refresh();
  if (!deps.hosted || deps.hosted.list('transcription').length === 0) {
    const pool = deps.placement?.pool;
    return pool && (await recognizeAtOrigin(pool, { bytes, param }, { caller: deps.owner, signal }));
  }
  const model = await recognizerOf(deps);
  const samples = (await readRecording(bytes, param)).subarray(0, MOST_SECONDS * RATE);
  const options = { into: 'same', temperature: 0, words: false } as const;
  const said: TranscriptionSegment[] = [];
  for await (const { segments } of transcribe(deps, model, samples, options, signal)) said.push(...segments);
  return said;
}

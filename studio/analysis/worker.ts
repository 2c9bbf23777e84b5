/** Beside the page: computes mel columns and pitch of speech as its samples arrive. */
import { HOP, MelColumns, WINDOW } from './mel.ts';
import { PITCH_WINDOW, pitchOf } from './pitch.ts';

/** Message of the page. */
export type AnalysisRequest =
  | { readonly run: number; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly run: number; readonly end: true };

/** Columns in the order of time. */
export interface AnalysisAnswer {
  readonly run: number;
  readonly columns: readonly Uint8Array[];
  /** Hz, 0 where unvoiced; one a column. */
  readonly pitch: readonly number[];
}

const NEEDED = Math.max(WINDOW, PITCH_WINDOW);
const mel = new MelColumns();
let run = -1;
let held = new Float32Array(0);

function read(samples: Float32Array): void {
  const joined = new Float32Array(held.length + samples.length);
  joined.set(held);
  joined.set(samples, held.length);
  const columns: Uint8Array[] = [];
  const pitch: number[] = [];
  let at = 0;
  for (; at + NEEDED <= joined.length; at += HOP) {
    columns.push(mel.column(joined.subarray(at, at + WINDOW)));
    pitch.push(pitchOf(joined.subarray(at, at + PITCH_WINDOW)));
  }
  held = joined.slice(at);
  if (columns.length > 0) postMessage({ run, columns, pitch } satisfies AnalysisAnswer);
}

addEventListener('message', ({ data }: MessageEvent<AnalysisRequest>) => {
  if (data.run !== run) {
    run = data.run;
    // Half a window of silence before the first sample, so that columns are centred.
    held = new Float32Array(WINDOW / 2);
  }
  read('end' in data ? new Float32Array(NEEDED) : data.samples);
});

import { signal } from '@preact/signals';
import type { AnalysisAnswer, AnalysisRequest } from './worker.ts';

/** Columns that have been computed of the current speech; a new object whenever there are more. */
export const analysis = signal<{
  readonly columns: readonly Uint8Array[];
  readonly pitch: readonly number[];
}>({
  columns: [],
  pitch: [],
});

let worker: Worker | undefined;
let run = 0;

/** Starts the analysis of another speech. */
export function beginAnalysis(): void {
  run++;
  analysis.value = { columns: [], pitch: [] };
  if (worker) return;
  worker = new Worker(new URL('./analysis.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<AnalysisAnswer>) => {
    if (data.run !== run) return;
    const { columns, pitch } = analysis.value;
    analysis.value = { columns: [...columns, ...data.columns], pitch: [...pitch, ...data.pitch] };
  });
}

/** Adds samples of the speech, which are copied. */
export function analyse(samples: Float32Array<ArrayBuffer>): void {
  worker?.postMessage({ run, samples } satisfies AnalysisRequest);
}

/** The speech is complete. */
export function endAnalysis(): void {
  worker?.postMessage({ run, end: true } satisfies AnalysisRequest);
}

/** Median, lowest and highest pitch in Hz, without the outer twentieths; `undefined` without voice. */
export function pitchRangeOf(pitch: readonly number[]) {
  const voiced = pitch.filter((hertz) => hertz > 0).sort((one, other) => one - other);
  if (voiced.length === 0) return undefined;
  const at = (share: number) => Math.round(voiced[Math.floor(share * (voiced.length - 1))]);
  return { low: at(0.05), median: at(0.5), high: at(0.95) };
}

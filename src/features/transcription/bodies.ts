import type { TranscriptionSegment } from '../../models/tasks.ts';
import { subRip, webVtt } from '../speech/index.ts';
import type { Granularity, TranscriptFormat } from './schema.ts';

/** A whole transcript. */
export interface Transcript {
  readonly task: 'transcribe' | 'translate';
  /** ISO 639-1 of the language written. */
  readonly language: string;
  /** Seconds of the recording. */
  readonly duration: number;
  readonly segments: readonly TranscriptionSegment[];
}

/** Media types of answers. */
export const TRANSCRIPT_TYPES: Readonly<Record<TranscriptFormat, string>> = {
  json: 'application/json',
  verbose_json: 'application/json',
  text: 'text/plain; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
};

/** All that was said, as one line. */
export function textOf(segments: readonly TranscriptionSegment[]): string {
  return segments
    .map(({ text }) => text)
    .join('')
    .trim();
}

/** Writes a transcript in a format. */
export function writeTranscript(
  transcript: Transcript,
  format: TranscriptFormat,
  granularities: readonly Granularity[],
): string {
  const { segments, duration } = transcript;
  const text = textOf(segments);
  if (format === 'text') return `${text}\n`;
  if (format === 'json') return JSON.stringify({ text, usage: usageOf(duration) });
  if (format === 'verbose_json') return JSON.stringify(verbose(transcript, text, granularities));
  const cues = segments.map((segment) => ({
    start_ms: segment.start * 1000,
    end_ms: segment.end * 1000,
    text: segment.text.trim(),
    span: { start: 0, end: 0 },
  }));
  return (format === 'vtt' ? webVtt : subRip)(cues, duration * 1000);
}

/** The unit by which OpenAI bills transcription. */
export function usageOf(duration: number) {
  return { type: 'duration', seconds: Math.ceil(duration) };
}

function verbose(
  { task, language, duration, segments }: Transcript,
  text: string,
  granularities: readonly Granularity[],
) {
  const words = segments.flatMap((segment) => segment.words ?? []);
  return {
    task,
    language: nameOf(language),
    duration: hundredths(duration),
    text,
    ...(granularities.includes('segment') && {
      segments: segments.map((segment, id) => ({
        id,
        seek: Math.floor(segment.start * 100),
        start: hundredths(segment.start),
        end: hundredths(segment.end),
        text: segment.text,
        tokens: segment.tokens,
        temperature: segment.temperature,
        avg_logprob: segment.averageLogProbability,
        compression_ratio: segment.compressionRatio,
        no_speech_prob: segment.noSpeechProbability,
      })),
    }),
    ...(granularities.includes('word') && {
      words: words.map(({ word, start, end }) => ({ word, start: hundredths(start), end: hundredths(end) })),
    }),
    usage: usageOf(duration),
  };
}

const hundredths = (seconds: number): number => Math.round(seconds * 100) / 100;

/** OpenAI writes languages out: `english`. */
function nameOf(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language)?.toLowerCase() ?? language;
}

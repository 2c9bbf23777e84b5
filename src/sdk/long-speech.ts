import { PIECE } from '../audio/pieces.ts';
import { SAMPLE_RATE } from '../audio/samples.ts';
import { SoriError } from '../base/errors.ts';
import type { Speech, SpeechEngine, SpeechRequest, Timings } from '../engine/engine.ts';
import { cutText, pauseAfter, type TextPiece } from '../features/jobs/speech/cut-text.ts';
import { MAX_INPUT_CHARACTERS } from '../features/speech/schema.ts';
import type { Alignment } from '../synthesis/alignment.ts';
import { isSsml } from '../text/markup.ts';
import type { TextPosition, Warning } from '../text/warnings.ts';

/** A piece of the text, its place in it, and the silence after it. */
interface LongPiece extends TextPiece {
  readonly at: number;
  readonly pause: number;
}

/** Whether a text is longer than a request may be, and may be cut: SSML is one document. */
export function isLongText(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length > MAX_INPUT_CHARACTERS &&
    Array.from(text).length > MAX_INPUT_CHARACTERS &&
    !isSsml(text)
  );
}

/**
 * Speaks a plain text of any length, as a job of kind `long_form` does: it is cut at the ends of paragraphs and sentences, and the
 * pieces are spoken one after the other. The memory that it takes does not grow with the text.
 * The whole text is read first, so that a fault in it is reported before the first sound.
 * @throws {SoriError} `nothing_to_speak`, and as {@link SpeechEngine.speak}.
 */
export async function speakLong(
  engine: SpeechEngine,
  request: SpeechRequest,
  signal?: AbortSignal,
): Promise<Speech> {
  const pieces = piecesOf(request);
  if (pieces.length === 0) {
    throw new SoriError('nothing_to_speak', 'The input contains nothing to speak.', { param: 'input' });
  }
  const warnings: Warning[] = [];
  let samples = 0;
  for (const piece of pieces) {
    const part = { ...request, input: piece.text };
    const planned = request.exactLength ? await engine.align(part, signal) : undefined;
    for (const warning of planned?.warnings ?? (await engine.review(part, signal))) {
      warnings.push(moved(warning, request.input, piece.at));
    }
    samples += (planned?.totalSamples ?? 0) + piece.pause;
  }
  const timings: Timings = {};
  const alignment: Alignment = { phonemes: [], marks: [] };
  return {
    totalSamples: request.exactLength ? samples : undefined,
    long: true,
    timings,
    warnings,
    alignment,
    chunks: chunksOf(engine, request, pieces, { timings, alignment, signal }),
  };
}

function piecesOf(request: SpeechRequest): LongPiece[] {
  let from = 0;
  return cutText(request.input).map((piece) => {
    const at = request.input.indexOf(piece.text, from);
    from = at + piece.text.length;
    return { ...piece, at, pause: Math.round((pauseAfter(piece, request) * SAMPLE_RATE) / 1000) };
  });
}

async function* chunksOf(
  engine: SpeechEngine,
  request: SpeechRequest,
  pieces: readonly LongPiece[],
  { timings, alignment, signal }: Pick<Speech, 'timings' | 'alignment'> & { readonly signal?: AbortSignal },
): AsyncGenerator<Float32Array> {
  let samples = 0;
  for (const piece of pieces) {
    const start = samples;
    const speech = await engine.speak({ ...request, input: piece.text, exactLength: false }, signal);
    for await (const chunk of speech.chunks) {
      samples += chunk.length;
      yield chunk;
    }
    append(alignment, speech.alignment, piece.at, start);
    for (const [stage, ms] of Object.entries(speech.timings)) timings[stage] = (timings[stage] ?? 0) + ms;
    for (let left = piece.pause; left > 0; left -= PIECE) yield new Float32Array(Math.min(left, PIECE));
    samples += piece.pause;
  }
}

/** Adds the times of a piece. Its words and sentences are numbered on. */
function append(whole: Alignment, part: Alignment, at: number, sample: number): void {
  const last = whole.phonemes.at(-1);
  const words = whole.phonemes.reduce((most, { word }) => Math.max(most, word), -1) + 1;
  const sentences = last === undefined ? 0 : last.sentence + 1;
  const span = (one: { readonly start: number; readonly end: number }) => ({
    start: one.start + at,
    end: one.end + at,
  });
  for (const phoneme of part.phonemes) {
    whole.phonemes.push({
      ...phoneme,
      startSample: phoneme.startSample + sample,
      endSample: phoneme.endSample + sample,
      span: span(phoneme.span),
      word: phoneme.word < 0 ? phoneme.word : phoneme.word + words,
      sentence: phoneme.sentence + sentences,
    });
  }
  for (const mark of part.marks) {
    whole.marks.push({ ...mark, sample: mark.sample + sample, span: span(mark.span) });
  }
}

function moved(warning: Warning, text: string, at: number): Warning {
  if (warning.position === undefined) return warning;
  return { ...warning, position: positionOf(text, warning.position.offset + at) };
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset).split('\n');
  return { offset, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

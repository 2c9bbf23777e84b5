import { SoriError } from '../../base/errors.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import type { TranscriptionSegment } from '../../models/tasks.ts';
import { primarySubtag } from '../../text/language.ts';
import { recognizerOf, type TranscriptionDependencies, transcribe } from '../transcription/index.ts';
import type { TranslationRequest } from './schema.ts';

/** Seconds of a window that is recognised at once: the shorter, the sooner its translation is spoken. */
const WINDOW_SECONDS = 12;
/** Segments closer than this are one, where the first does not end a sentence; seconds. */
const SAME_BREATH = 0.3;
const MOST_JOINED = 15;
const ENDS_SENTENCE = /[.!?…。！？]["'”’)]*\s*$/;

/** A stretch of the recording and its translation. Times are seconds from the beginning of the recording. */
export interface TranslatedText {
  readonly start: number;
  readonly end: number;
  /** ISO 639-1 code of the spoken language. */
  readonly language: string;
  /** The transcript. Absent if the recognizer itself translates. */
  readonly source?: string;
  readonly text: string;
  /** When the work on its window began, by `performance.now()`. */
  readonly begun: number;
  /** Milliseconds that the recognizer took for the window of this segment, and the translator for its text. */
  readonly recognitionMs: number;
  readonly translationMs: number;
}

/** Recognises and translates a recording, part by part. */
export type TranslateTexts = (
  samples: Float32Array,
  signal: AbortSignal,
) => AsyncGenerator<TranslatedText, void>;

/**
 * Finds the models of a translation.
 * @returns the function that does the work.
 * @throws {SoriError} `model_unavailable` without a recognizer, or without a model that translates into the language; `unknown_model`.
 */
export async function textsHere(
  deps: TranscriptionDependencies,
  request: TranslationRequest,
): Promise<TranslateTexts> {
  const { hosted } = deps;
  const recognizer = await recognizerOf(deps, request.model);
  const translator = translatorOf(deps, request);
  const to = primarySubtag(request.to);
  if (translator === undefined && to !== 'en' && request.language !== to) throw noTranslator(request);
  return async function* texts(samples, signal) {
    const into = translator === undefined && to === 'en' ? 'english' : 'same';
    const options = {
      language: request.language,
      into,
      temperature: 0,
      words: false,
      windowSeconds: WINDOW_SECONDS,
    } as const;
    let from = performance.now();
    for await (const { language, segments } of transcribe(deps, recognizer, samples, options, signal)) {
      const recognitionMs = performance.now() - from;
      for (const { start, end, text: said } of joined(segments)) {
        const common = { start, end, language, begun: from, recognitionMs };
        if (into === 'english' || language === to) {
          yield { ...common, ...(into === 'same' && { source: said }), text: said, translationMs: 0 };
          continue;
        }
        if (translator === undefined || hosted === undefined) throw noTranslator(request);
        const started = performance.now();
        let text = '';
        const input = { text: said, from: language, to: request.to };
        for await (const part of hosted.run(translator, 'translation', input, signal)) text += part.text;
        yield { ...common, source: said, text, translationMs: performance.now() - started };
      }
      from = performance.now();
    }
  };
}

function translatorOf(
  { hosted }: TranscriptionDependencies,
  request: TranslationRequest,
): string | undefined {
  const all = hosted?.list('translation') ?? [];
  const { translationModel, to, language } = request;
  if (translationModel !== undefined) {
    if (all.some(({ id }) => id === translationModel)) return translationModel;
    const message = `There is no such model for translation. Available: ${all.map(({ id }) => id).join(', ') || 'none'}.`;
    throw new SoriError('unknown_model', message, { param: 'translation_model' });
  }
  // The recognizer translates into English itself, from every language.
  if (primarySubtag(to) === 'en' && language === undefined) return undefined;
  return all.find((manifest) => translates(manifest, language, to))?.id;
}

/** Whether a model translates into a language, from a given one or from any. */
function translates({ languages, settings }: ModelManifest, from: string | undefined, to: string): boolean {
  const target = primarySubtag(to);
  const { pairs } = settings;
  if (Array.isArray(pairs) && pairs.length > 0) {
    return pairs.some((pair) =>
      from === undefined ? String(pair).endsWith(`>${target}`) : pair === `${from}>${target}`,
    );
  }
  const known = languages.map(primarySubtag);
  return known.includes(target) && (from === undefined || known.includes(from));
}

function noTranslator({ to }: TranslationRequest): SoriError {
  const message = `No model on this server translates into ${to}: its operator can add one (npm run sori -- models add <folder>). Whisper translates into English alone.`;
  return new SoriError('model_unavailable', message, { param: 'to' });
}

/** Joins segments that are one sentence said in one breath. */
function joined(segments: readonly TranscriptionSegment[]): { start: number; end: number; text: string }[] {
  const made: { start: number; end: number; text: string }[] = [];
  for (const { start, end, text } of segments) {
    const said = text.trim();
    if (said === '') continue;
    const last = made.at(-1);
    const goesOn = last && start - last.end < SAME_BREATH && !ENDS_SENTENCE.test(last.text);
    if (goesOn && end - last.start <= MOST_JOINED) {
      last.end = end;
      last.text += ` ${said}`;
    } else made.push({ start, end, text: said });
  }
  return made;
}

import { toInt16Array } from '../../audio/samples.ts';
import { concatSamples } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import type { Requester } from '../../engine/engine.ts';
import { type AddressedSpeech, addressSpeech, parseSpeech } from '../speech/index.ts';
import { RATE } from '../transcription/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import { beginOf, pitchRangeOf, speedFor } from './expression.ts';
import type { TranslationRequest } from './schema.ts';
import type { TranslatedText, TranslateTexts } from './texts.ts';

/** Hz of what is spoken. */
const SPOKEN_RATE = 24_000;

/** A segment that is translated and spoken. */
export interface SpokenSegment extends TranslatedText {
  readonly index: number;
  /** 24 kHz, mono; empty for a text that can't be spoken. */
  readonly samples: Int16Array;
  /** Sample of the translation at which it begins. */
  readonly at: number;
  readonly speed: number;
  readonly pitchRange: number;
  /** Why it is not spoken. */
  readonly skipped?: string;
  /** Milliseconds of the synthesis, and from the beginning of the work on its window until its sound was there. */
  readonly speechMs: number;
  readonly latencyMs: number;
}

/** Dependencies of {@link spokenSegments}. */
export interface SpeakOptions {
  readonly request: TranslationRequest;
  readonly texts: TranslateTexts;
  /** Mono at 16 kHz. */
  readonly samples: Float32Array;
  /** Standard deviation of ln F0 of the voice. */
  readonly usualRange: number;
  readonly requester: Requester;
  readonly signal: AbortSignal;
}

/**
 * The speech request of a text of a translation, without its speed and range.
 * @throws {SoriError} `unknown_model`, `unknown_voice`, `voice_not_found`, `unsupported_language`.
 */
export async function addressText(
  deps: SpeechTranslationDependencies,
  { speechModel, voice, to, seed }: TranslationRequest,
  input: string,
  signal: AbortSignal,
): Promise<AddressedSpeech> {
  const body = parseSpeech({
    ...(speechModel !== undefined && { model: speechModel }),
    voice,
    input,
    language: to,
    seed,
    unreadable: 'skip',
  });
  return await addressSpeech(deps, body, signal);
}

/**
 * Translates a recording and speaks the translation, segment by segment in time with the source.
 * @throws {SoriError} as the recognizer, the translator and the speech engine do; the signal's reason.
 */
export async function* spokenSegments(
  deps: SpeechTranslationDependencies,
  { request, texts, samples, usualRange, requester, signal }: SpeakOptions,
): AsyncGenerator<SpokenSegment, void> {
  const { keep } = request;
  let index = 0;
  let placing = { spokenEnd: 0, sourceEnd: 0 };
  for await (const text of texts(samples, signal)) {
    const { start, end } = text;
    const source = samples.subarray(Math.floor(start * RATE), Math.ceil(end * RATE));
    const pitchRange = keep.includes('pitch_range')
      ? await pitchRangeOf(source, RATE, usualRange, signal)
      : 1;
    const started = performance.now();
    const spoken = await spokenText(deps, request, text, pitchRange, requester, signal);
    const done = performance.now();
    const at = Math.round(SPOKEN_RATE * beginOf(start, placing, keep.includes('pauses')));
    yield {
      ...text,
      index,
      ...spoken,
      at,
      pitchRange,
      speechMs: done - started,
      latencyMs: done - text.begun,
    };
    index++;
    if (spoken.samples.length === 0) continue;
    placing = { spokenEnd: (at + spoken.samples.length) / SPOKEN_RATE, sourceEnd: end };
  }
}

async function spokenText(
  deps: SpeechTranslationDependencies,
  request: TranslationRequest,
  { text, start, end }: TranslatedText,
  pitchRange: number,
  requester: Requester,
  signal: AbortSignal,
): Promise<{ samples: Int16Array; speed: number; skipped?: string }> {
  const { engine } = deps;
  try {
    const addressed = await addressText(deps, request, text, signal);
    const asked = { ...addressed.request, pitchRange, exactLength: true };
    let speed = 1;
    if (request.keep.includes('rate')) {
      const { totalSamples } = await engine.align(asked, signal, requester);
      speed = speedFor(totalSamples / SPOKEN_RATE, end - start);
    }
    const pieces: Int16Array[] = [];
    const { chunks } = await engine.speak({ ...asked, speed }, signal, requester);
    for await (const chunk of chunks) pieces.push(toInt16Array(chunk));
    return { samples: concatSamples(pieces), speed };
  } catch (error) {
    // Music and noises are transcribed as symbols, which are not spoken.
    if (!(error instanceof SoriError) || error.code !== 'nothing_to_speak') throw error;
    return { samples: new Int16Array(0), speed: 1, skipped: error.message };
  }
}

import { deflateSync } from 'node:zlib';
import { applyFilters, draw, likeliest, normalizer } from './filters.ts';
import type { DecoderState, EncodedAudio, WhisperNetwork } from './network.ts';
import type { WhisperSettings } from './settings.ts';
import type { WhisperTokens } from './tokens.ts';

/** Tokens that a window may have; the decoder has places for as many again before them. */
const MOST_TOKENS = 224;
/** Tokens of an earlier text that are given. */
const MOST_PROMPT = 223;

/** Temperatures that are tried when a text is repetitive or unlikely, and the bounds for that, as in openai/whisper. */
const HIGHEST_TEMPERATURE = 1;
const TEMPERATURE_STEP = 0.2;
const MOST_COMPRESSION = 2.4;
const LEAST_LOG_PROBABILITY = -1;
const NO_SPEECH = 0.6;

/** What decodes. */
export interface Decoding {
  readonly network: WhisperNetwork;
  readonly tokens: WhisperTokens;
  readonly settings: WhisperSettings;
}

/** Options for decoding a window. */
export interface DecodeOptions {
  readonly language: string;
  readonly into: 'same' | 'english';
  readonly prompt: readonly number[];
  readonly temperature: number;
  /** Gives numbers from 0 to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** The text of a window. */
export interface DecodedWindow {
  /** Text and timestamp tokens. */
  readonly made: readonly number[];
  readonly averageLogProbability: number;
  readonly noSpeechProbability: number;
  readonly compressionRatio: number;
  readonly temperature: number;
  /** Whether the window probably has no speech. */
  readonly silent: boolean;
}

/** The tokens that open a window's text. */
export function opening({ tokens }: Decoding, language: string, into: DecodeOptions['into']): number[] {
  const code = tokens.languages.get(language);
  if (code === undefined) return [tokens.start];
  return [tokens.start, code, into === 'english' ? tokens.translate : tokens.transcribe];
}

/** The language that is likeliest spoken; `en` for a model of English alone. */
export async function detectLanguage({ network, tokens }: Decoding, audio: EncodedAudio): Promise<string> {
  const { logits } = await network.step([tokens.start], network.begin(), audio);
  const likelier = (a: [string, number], b: [string, number]) => (logits[b[1]] > logits[a[1]] ? b : a);
  const known = [...tokens.languages];
  return known.length === 0 ? 'en' : known.reduce(likelier)[0];
}

/** Decodes a window; with temperature 0 again at higher ones while the text repeats itself or is unlikely. */
export async function decodeWindow(
  decoding: Decoding,
  audio: EncodedAudio,
  options: DecodeOptions,
): Promise<DecodedWindow> {
  for (let temperature = options.temperature; ; temperature += TEMPERATURE_STEP) {
    const decoded = await decodeOnce(decoding, audio, { ...options, temperature });
    const { compressionRatio, averageLogProbability, silent } = decoded;
    const good = compressionRatio <= MOST_COMPRESSION && averageLogProbability >= LEAST_LOG_PROBABILITY;
    // A requested temperature is the only one that is tried.
    if (
      good ||
      silent ||
      options.temperature > 0 ||
      temperature + TEMPERATURE_STEP > HIGHEST_TEMPERATURE + 1e-9
    ) {
      return decoded;
    }
  }
}

async function decodeOnce(
  decoding: Decoding,
  audio: EncodedAudio,
  { language, into, prompt, temperature, random, signal }: DecodeOptions,
): Promise<DecodedWindow> {
  const { network, tokens, settings } = decoding;
  const filters = { tokens, suppress: settings.suppress, suppressAtBegin: settings.suppressAtBegin };
  const before = prompt.length > 0 ? [tokens.previous, ...prompt.slice(-MOST_PROMPT)] : [];
  const start = opening(decoding, language, into);
  const width = settings.vocabulary;
  let given: readonly number[] = [...before, ...start];
  let state: DecoderState = network.begin();
  let noSpeechProbability = 0;
  let sum = 0;
  const made: number[] = [];
  while (made.length < MOST_TOKENS) {
    signal.throwIfAborted();
    const step = await network.step(given, state, audio);
    state = step.state;
    if (made.length === 0) {
      const row = step.logits.subarray(before.length * width, (before.length + 1) * width);
      noSpeechProbability = Math.exp(row[tokens.noSpeech] - normalizer(row));
    }
    const logits = step.logits.slice(-width);
    applyFilters(logits, made, filters);
    const token = temperature > 0 ? draw(logits, temperature, random()) : likeliest(logits);
    sum += logits[token] - normalizer(logits);
    if (token === tokens.end) break;
    made.push(token);
    given = [token];
  }
  const averageLogProbability = sum / (made.length + 1);
  return {
    made,
    averageLogProbability,
    noSpeechProbability,
    compressionRatio: compressionRatio(tokens.decode(made)),
    temperature,
    silent: noSpeechProbability > NO_SPEECH && averageLogProbability < LEAST_LOG_PROBABILITY,
  };
}

/** Bytes of a text divided by bytes of it compressed. */
export function compressionRatio(text: string): number {
  const bytes = new TextEncoder().encode(text.trim());
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

import { SoriError } from '../../../base/errors.ts';
import { createRandom } from '../../../synthesis/random.ts';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { ModelFault } from '../../manifest.ts';
import type { TranscribedWord, TranscriptionInput, TranscriptionSegment } from '../../tasks.ts';
import {
  compressionRatio,
  type DecodedWindow,
  type Decoding,
  decodeWindow,
  detectLanguage,
} from './decode.ts';
import { SAMPLES_PER_COLUMN, WhisperNetwork, WINDOW } from './network.ts';
import { cutSegments, type TokenSegment } from './segments.ts';
import { type WhisperSettings, whisperSettings } from './settings.ts';
import { openTokens } from './tokens.ts';
import { wordTimes } from './word-times.ts';

const RATE = 16_000;
/** Rest of a window that is too short for speech: 0.1 s. */
const LEAST_SAMPLES = RATE / 10;

/**
 * Whisper (OpenAI, MIT): up to 30 s of speech to text in the language spoken or in English, with times of segments and words.
 * The folder is made by `scripts/models/whisper-from-ctranslate2.py`.
 */
export const whisperDriver: ModelDriver<'transcription', WhisperSettings> = {
  name: 'whisper',
  task: 'transcription',
  settings: whisperSettings,

  async open({ manifest, settings, open, read }): Promise<LoadedModel<'transcription'>> {
    if (manifest.sampleRate !== RATE) throw new ModelFault(`model.json: sampleRate must be ${RATE}`);
    const tokens = openTokens(await read(settings.tokenizer), settings.tokenizer);
    const encoder = await open(settings.encoder);
    const decoder = await open(settings.decoder);
    const network = await WhisperNetwork.open(encoder, decoder, settings);
    const decoding: Decoding = { network, tokens, settings };
    return { run: (input, signal) => transcribe(decoding, manifest.id, input, signal) };
  },

  trials: () => [
    {
      samples: new Float32Array(RATE),
      into: 'same',
      temperature: 0,
      words: true,
      seed: 0,
    },
  ],
};

async function* transcribe(decoding: Decoding, id: string, input: TranscriptionInput, signal: AbortSignal) {
  const { network, tokens } = decoding;
  const { samples, temperature } = input;
  if (samples.length > WINDOW) throw new RangeError(`${samples.length} samples are over ${WINDOW}.`);
  if (input.language !== undefined && tokens.languages.size > 0 && !tokens.languages.has(input.language)) {
    const message = `'${id}' does not support the language ${input.language}.`;
    throw new SoriError('unsupported_language', message, { param: 'language' });
  }
  if (input.into === 'english' && tokens.languages.size === 0) {
    throw new SoriError('unsupported_language', `'${id}' supports only English and does not translate.`);
  }
  const random = createRandom(input.seed).uniform;
  const prompt = input.prompt?.trim() ? tokens.encode(` ${input.prompt.trim()}`) : [];
  let language = input.language;
  let at = 0;
  // The language is detected even in silence.
  for (let first = true; first || samples.length - at >= LEAST_SAMPLES; first = false) {
    signal.throwIfAborted();
    const window = samples.subarray(at);
    const audio = await network.encode(window);
    language ??= await detectLanguage(decoding, audio);
    const options = { language, into: input.into, prompt, temperature, random, signal };
    const decoded = await decodeWindow(decoding, audio, options);
    const seconds = window.length / RATE;
    const cut = decoded.silent ? { segments: [], used: seconds } : cutSegments(decoded.made, tokens, seconds);
    const text = cut.segments.flatMap((segment) => segment.tokens);
    const columns = Math.ceil(window.length / SAMPLES_PER_COLUMN);
    const words = input.words ? await wordTimes(decoding, audio, text, language, columns) : undefined;
    yield { language, segments: finished(decoding, cut.segments, decoded, at / RATE, words) };
    // A window without a final timestamp is complete.
    at += cut.used > 0 ? Math.round(cut.used * RATE) : window.length;
  }
}

/** Segments with their text, their words, and times from the beginning of the input. */
function finished(
  { tokens }: Decoding,
  segments: readonly TokenSegment[],
  decoded: DecodedWindow,
  offset: number,
  words: readonly TranscribedWord[] | undefined,
): TranscriptionSegment[] {
  const left = [...(words ?? [])];
  return segments.map((segment) => {
    const text = tokens.decode(segment.tokens);
    let length = 0;
    const own: TranscribedWord[] = [];
    while (left.length > 0 && length < text.length) {
      const word = left.shift()!;
      length += word.word.length;
      own.push(moved(word, segment, offset));
    }
    const { averageLogProbability, noSpeechProbability, temperature } = decoded;
    return {
      start: segment.start + offset,
      end: segment.end + offset,
      text,
      tokens: segment.tokens,
      averageLogProbability,
      noSpeechProbability,
      compressionRatio: compressionRatio(text),
      temperature,
      ...(words && { words: own }),
    };
  });
}

/** A word lies in its segment. */
function moved(word: TranscribedWord, { start, end }: TokenSegment, offset: number): TranscribedWord {
  const inside = (time: number) => Math.min(Math.max(time, start), end) + offset;
  return { ...word, word: word.word.trim(), start: inside(word.start), end: inside(word.end) };
}

import { SoriError } from '../../base/errors.ts';
import { isSsml } from '../../text/markup.ts';
import type { SpeechBody } from './schema.ts';

/**
 * Rejects fields that contradict each other. Needs no model.
 * @throws {SoriError} `missing_required_parameter` (no voice), `conflicting_parameters`.
 */
export function checkSpeech(body: SpeechBody): void {
  const { voice, style, emotion, input } = body;
  if (voice === undefined && style === undefined) {
    throw new SoriError('missing_required_parameter', 'voice is required without a style.', {
      param: 'voice',
    });
  }
  if (style !== undefined && isMix(voice)) {
    throw conflict('style', 'style takes the place of the voice: give one voice or none with it, not a mix.');
  }
  const uses = elementsOf(input);
  // Without strict mode, unsupported markup is a warning.
  if (body.strict && style !== undefined && uses('voice')) {
    throw conflict(
      'style',
      'style takes the place of the voice, and the SSML names a <voice>: give one of them.',
    );
  }
  if (body.strict && emotion !== undefined && uses('express-as')) {
    throw conflict(
      'emotion',
      'The SSML states an emotion by <express-as>: leave the field out, or the element.',
    );
  }
  if (unitsOf(body).includes('mark') && !isSsml(input)) {
    throw conflict(
      'timestamps',
      'Marks are set by <mark> or <bookmark> in SSML: input must start with <speak.',
    );
  }
}

/**
 * Rejects contradicting options of the answer.
 * @throws {SoriError} `conflicting_parameters`.
 */
export function checkOutput(body: SpeechBody): void {
  const { response_format, stream_format, audio_format, timestamps } = body;
  const json = response_format === 'json';
  if (audio_format !== undefined && !json) {
    throw conflict('audio_format', 'audio_format belongs to response_format "json".');
  }
  if (json && stream_format === 'sse') {
    const message = 'With stream_format "sse", response_format is the format of the audio in the events.';
    throw conflict('stream_format', message);
  }
  if (timestamps !== undefined && !json && stream_format === 'audio') {
    const message =
      'An audio file cannot contain timestamps: use response_format "json", stream_format "sse", or POST the same body to /v1/audio/speech.vtt or /v1/audio/speech.srt.';
    throw conflict('timestamps', message);
  }
}

/** The distinct units of `timestamps`. */
export function unitsOf({ timestamps = [] }: SpeechBody) {
  return [...new Set(typeof timestamps === 'string' ? [timestamps] : timestamps)];
}

/** Whether a request is for audio only, in a format that is stored. Only such answers are stored and made by jobs. */
export function isBareAudio(body: SpeechBody): boolean {
  const { response_format, stream_format, sample_rate } = body;
  const audio = response_format !== 'json' && stream_format !== 'sse';
  return audio && sample_rate === undefined && unitsOf(body).length === 0;
}

function conflict(param: string, message: string): SoriError {
  return new SoriError('conflicting_parameters', message, { param });
}

function isMix(voice: SpeechBody['voice']): boolean {
  if (voice === undefined || typeof voice === 'string') return voice?.includes('+') ?? false;
  return typeof (voice as { id?: unknown }).id !== 'string';
}

/**
 * Finds the elements of an input. Without comments, CDATA and processing instructions, `<name` is always
 * an element in XML that the front end accepts, so no parser is needed here.
 */
function elementsOf(input: string): (name: string) => boolean {
  if (!isSsml(input)) return () => false;
  const bare = input.replace(
    /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)/g,
    '',
  );
  return (name) => new RegExp(`<(?:[\\w.-]+:)?${name}[\\s/>]`).test(bare);
}

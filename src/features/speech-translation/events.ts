import type { AudioFormatId } from '../../audio/format.ts';
import { transcode } from '../../audio/transcode.ts';
import { base64 } from '../../base/base64.ts';
import { errorBody, toSoriError } from '../../http/errors.ts';
import type { AddressedSpeech } from '../speech/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import type { TranslatedText } from './texts.ts';
import { describeSegment, markedFor, TELEPHONY_LUFS, tagsFor } from './timeline.ts';
import type { SpokenSegment } from './translate.ts';

const utf8 = new TextEncoder();
const event = (data: object, name = '') => utf8.encode(`${name}data: ${JSON.stringify(data)}\n\n`);

/**
 * A translation as server-sent events: a `speech.translation.segment` for each segment, with its sound as a file of its own, and
 * `speech.translation.done`. Once the first event is out, a failure becomes a last event, `error`; before that it is thrown.
 * @param onFailure is called with such a late failure.
 */
export async function* segmentEvents(
  { createEncoder }: SpeechTranslationDependencies,
  segments: AsyncIterable<SpokenSegment>,
  speech: AddressedSpeech,
  format: AudioFormatId,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const events = async function* () {
    const texts: string[] = [];
    let end = 0;
    for await (const segment of segments) {
      const { samples, at, text } = segment;
      texts.push(text.trim());
      let audio: string | undefined;
      if (samples.length > 0) {
        const sound = await markedFor(samples, speech.privacy, at);
        const master = { samples: sound, long: false, telephonyLoudness: TELEPHONY_LUFS, ...tagsFor(speech) };
        audio = base64(await transcode(createEncoder, master, format));
        end = at + samples.length;
      }
      yield event({ type: 'speech.translation.segment', ...describeSegment(segment), audio });
    }
    const text = texts.filter(Boolean).join(' ');
    yield event({ type: 'speech.translation.done', text, duration_ms: Math.round(end / 24) });
  };
  yield* withErrorEvent(events(), onFailure);
}

/** The texts of a translation that is not spoken, as the same events without sound. */
export async function* textEvents(
  texts: AsyncIterable<TranslatedText>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const events = async function* () {
    const said: string[] = [];
    let index = 0;
    for await (const { start, end, language, source, text, recognitionMs, translationMs } of texts) {
      said.push(text.trim());
      const latency = { recognition: Math.round(recognitionMs), translation: Math.round(translationMs) };
      yield event({
        type: 'speech.translation.segment',
        index: index++,
        language,
        ...(source !== undefined && { source_text: source.trim() }),
        text: text.trim(),
        start_ms: Math.round(1000 * start),
        end_ms: Math.round(1000 * end),
        latency_ms: { ...latency, total: latency.recognition + latency.translation },
      });
    }
    yield event({ type: 'speech.translation.done', text: said.filter(Boolean).join(' '), duration_ms: 0 });
  };
  yield* withErrorEvent(events(), onFailure);
}

async function* withErrorEvent(
  events: AsyncGenerator<Uint8Array, void>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  let begun = false;
  try {
    for await (const bytes of events) {
      begun = true;
      yield bytes;
    }
  } catch (error) {
    if (!begun) throw error;
    onFailure(error);
    yield event(errorBody(toSoriError(error)), 'event: error\n');
  }
}

import { errorBody, toSoriError } from '../../http/errors.ts';
import { usageOf } from './bodies.ts';
import type { TranscribedPart } from './transcribe.ts';

const utf8 = new TextEncoder();

/**
 * A transcript as OpenAI's server-sent events: a `transcript.text.delta` for each segment, `transcript.text.done` at the end. Once the
 * first event is out, a failure becomes a last event, `error`; before that it is thrown.
 * @param duration seconds of the recording.
 * @param onFailure is called with such a late failure.
 */
export async function* transcriptEvents(
  parts: AsyncIterable<TranscribedPart>,
  duration: number,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const event = (data: object, name = '') => utf8.encode(`${name}data: ${JSON.stringify(data)}\n\n`);
  let text = '';
  let begun = false;
  try {
    for await (const { segments } of parts) {
      for (const segment of segments) {
        const delta = text === '' ? segment.text.trimStart() : segment.text;
        if (delta === '') continue;
        text += delta;
        begun = true;
        yield event({ type: 'transcript.text.delta', delta });
      }
    }
    yield event({ type: 'transcript.text.done', text, usage: usageOf(duration) });
  } catch (error) {
    if (!begun) throw error;
    onFailure(error);
    yield event(errorBody(toSoriError(error)), 'event: error\n');
  }
}

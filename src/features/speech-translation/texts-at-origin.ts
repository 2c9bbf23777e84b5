import { z } from 'zod';
import { SoriError } from '../../base/errors.ts';
import { faultOf } from '../../placement/origin-error.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';
import type { AnalysisContext } from '../voices/index.ts';
import type { TranslationRequest } from './schema.ts';
import type { TranslateTexts } from './texts.ts';

/** ms that an origin has for its first event: it may have to load its models. */
const ANSWER_MS = 280_000;

const segment = z.object({
  language: z.string(),
  source_text: z.string().optional(),
  text: z.string(),
  start_ms: z.number(),
  end_ms: z.number(),
  latency_ms: z.object({ recognition: z.number(), translation: z.number() }),
});

/**
 * Lets an origin transcribe and translate a recording. The speech is synthesized here, because the cloned voices are here.
 * @param file the recording as it was sent.
 */
export function textsAtOrigin(
  pool: OriginPool,
  file: Blob,
  { to, language, model, translationModel }: TranslationRequest,
  { caller, requestId, keepAlive }: AnalysisContext,
): TranslateTexts {
  return async function* texts(_samples, signal) {
    const form = new FormData();
    form.append('file', file, 'recording');
    const fields = {
      to,
      language,
      model,
      translation_model: translationModel,
      stream: 'true',
      speech: 'off',
    };
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
    const packed = new Response(form);
    const request = new Request('http://origin/v1/audio/speech-translations', {
      method: 'POST',
      headers: { 'Content-Type': packed.headers.get('content-type') ?? '', 'x-request-id': requestId },
      body: await packed.arrayBuffer(),
    });
    const response = await pool.forward(request, {
      signal,
      caller,
      answerMs: ANSWER_MS,
      accepts: (type) => /^(?:text\/event-stream|application\/json)/.test(type),
      repeatable: true,
      keepAlive,
    });
    if (!response.ok) throw await faultOf(response);
    let ended = false;
    for await (const { type, ...data } of eventsIn(response)) {
      ended ||= type === 'speech.translation.done';
      if (type !== 'speech.translation.segment') continue;
      const read = segment.safeParse(data);
      if (!read.success) throw failed('sends no text that can be read');
      const { start_ms, end_ms, latency_ms, source_text, ...rest } = read.data;
      yield {
        ...rest,
        begun: performance.now() - latency_ms.recognition - latency_ms.translation,
        source: source_text,
        start: start_ms / 1000,
        end: end_ms / 1000,
        recognitionMs: latency_ms.recognition,
        translationMs: latency_ms.translation,
      };
    }
    if (!ended) throw failed('has broken off');
  };
}

async function* eventsIn({ body }: Response): AsyncGenerator<Record<string, unknown>> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const events = held.split('\n\n');
    held = events.pop() ?? '';
    for (const one of events) {
      const data = /^data: (.*)$/m.exec(one)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

const failed = (what: string) =>
  new SoriError('origin_failed', `The origin that recognises the recording ${what}.`);

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { eventStream } from '../../http/event-stream.ts';
import type { TranscriptionSegment } from '../../models/tasks.ts';
import { reportHere } from '../../placement/placed-header.ts';
import { quotaOf } from '../keys/index.ts';
import { recordingAtOrigin } from './at-origin.ts';
import { TRANSCRIPT_TYPES, type Transcript, writeTranscript } from './bodies.ts';
import type { TranscriptionDependencies } from './dependencies.ts';
import { transcriptionDocs, translationDocs } from './docs.ts';
import { transcriptEvents } from './events.ts';
import { charactersFor } from './price.ts';
import { MAX_UPLOAD_BYTES, parseTranscription, type TranscriptionForm } from './schema.ts';
import { RATE, readRecording, recognizerOf, type TranscribedPart, transcribe } from './transcribe.ts';

/** Bytes of a form around its file. */
const FORM_BYTES = 64 * 1024;

/** Adds `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`. */
export function transcriptionRoutes(app: OpenAPIHono<AppEnv>, deps: TranscriptionDependencies): void {
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(transcriptionDocs);
  app.openAPIRegistry.registerPath(translationDocs);
  app.post(transcriptionDocs.path, (c) => answer(c, deps, 'same'));
  app.post(translationDocs.path, (c) => answer(c, deps, 'english'));
}

async function answer(
  c: Context<AppEnv>,
  deps: TranscriptionDependencies,
  into: 'same' | 'english',
): Promise<Response> {
  if (deps.placement !== undefined) return await recordingAtOrigin(c, deps);
  reportHere(c, deps);
  const form = parseTranscription(await readUpload(deps, c.req.raw, MAX_UPLOAD_BYTES + FORM_BYTES));
  if (into === 'english' && form.language !== undefined) {
    throw new SoriError('conflicting_parameters', 'A translation detects the language itself.', {
      param: 'language',
    });
  }
  const model = await recognizerOf(deps, form.model);
  const release = deps.slots?.take() ?? (() => {});
  try {
    return await transcribed(c, deps, { form, model, into, release });
  } catch (error) {
    release();
    throw error;
  }
}

interface Transcribing {
  readonly form: TranscriptionForm;
  readonly model: string;
  readonly into: 'same' | 'english';
  readonly release: () => void;
}

async function transcribed(
  c: Context<AppEnv>,
  deps: TranscriptionDependencies,
  { form, model, into, release }: Transcribing,
): Promise<Response> {
  const samples = await readRecording(new Uint8Array(await form.file.arrayBuffer()), 'file');
  const seconds = samples.length / RATE;
  const quota = quotaOf(c, deps);
  const characters = charactersFor(seconds);
  await quota.reserve(characters);
  c.get('account').audioMs = seconds * 1000;
  c.header('X-Sori-Audio-Ms', String(Math.round(seconds * 1000)));
  c.header('X-Sori-Model', model);
  c.header('Cache-Control', 'no-store');
  const work = new AbortController();
  const client = c.req.raw.signal;
  const onAbort = () => work.abort(client.reason);
  if (client.aborted) onAbort();
  client.addEventListener('abort', onAbort);
  const end = () => {
    client.removeEventListener('abort', onAbort);
    release();
  };
  const { language, prompt, temperature, format, granularities, stream } = form;
  const options = { language, into, prompt, temperature, words: granularities.includes('word') };
  const parts = transcribe(deps, model, samples, options, work.signal);
  try {
    if (stream) {
      return await eventStream(c, (onFailure) => transcriptEvents(parts, seconds, onFailure), work, end);
    }
    const transcript = await collected(parts, into, language, seconds);
    end();
    return c.body(writeTranscript(transcript, format, granularities), 200, {
      'Content-Type': TRANSCRIPT_TYPES[format],
    });
  } catch (error) {
    client.removeEventListener('abort', onAbort);
    if (!work.signal.aborted) quota.refund(characters);
    throw error;
  }
}

async function collected(
  parts: AsyncIterable<TranscribedPart>,
  into: 'same' | 'english',
  asked: string | undefined,
  duration: number,
): Promise<Transcript> {
  const segments: TranscriptionSegment[] = [];
  let language = asked;
  for await (const part of parts) {
    language ??= part.language;
    segments.push(...part.segments);
  }
  const task = into === 'english' ? 'translate' : 'transcribe';
  return { task, language: into === 'english' ? 'en' : (language ?? 'en'), duration, segments };
}

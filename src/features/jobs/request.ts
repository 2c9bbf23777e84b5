import { z } from '@hono/zod-openapi';
import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import { lenient } from '../../http/bodies/lenient.ts';
import { isSsml } from '../../text/markup.ts';
import { type GenerationBody, parseGeneration } from '../generation/index.ts';
import { parseSungJob, type SungJob } from '../singing/index.ts';
import { checkOutput, checkSpeech, isBareAudio, parseSpeech, type SpeechBody } from '../speech/index.ts';
import { JOB_KINDS, JOB_LIMITS, type JobKind } from './schema.ts';
import { cutText, pauseAfter } from './speech/cut-text.ts';
import type { JobRequest } from './stores/store.ts';

/** The speech of a step and the pause after it in a joined recording. */
export interface JobPiece {
  readonly body: SpeechBody;
  readonly pauseMs: number;
}

/** A request of a batch, or its error. */
export interface BatchLine {
  readonly customId: string;
  readonly body: unknown;
}

/** A planned job. It depends only on the request, so that another runner gets the same plan. */
export type JobPlan =
  | {
      readonly kind: Exclude<JobKind, 'batch' | 'voice' | 'generation' | 'singing' | 'speech-translation'>;
      readonly format: AudioFormatId;
      readonly pieces: readonly JobPiece[];
    }
  | { readonly kind: 'batch'; readonly lines: readonly BatchLine[] }
  | { readonly kind: 'generation'; readonly body: GenerationBody }
  | { readonly kind: 'singing'; readonly format: AudioFormatId; readonly song: SungJob };

/** A validated body of `POST /v1/jobs`. */
export interface AskedJob {
  readonly kind: JobKind;
  readonly webhook?: string;
  /** The stored request that {@link planJob} reads. */
  readonly request: JobRequest;
  readonly plan: JobPlan;
}

const outer = z.strictObject({
  kind: z.enum(JOB_KINDS),
  webhook: z.strictObject({ url: z.string().min(1).max(2048) }).optional(),
  request: z.record(z.string(), z.unknown()).optional(),
  input: z.string().min(1).optional(),
  speakers: z.record(z.string().min(1).max(64), z.record(z.string(), z.unknown())).optional(),
  turns: z
    .array(
      z.strictObject({
        speaker: z.string(),
        input: z.string().min(1),
        pause_ms: z.number().min(0).max(JOB_LIMITS.pauseMs).optional(),
      }),
    )
    .min(1)
    .optional(),
});

const FIELDS: Readonly<Record<JobKind, readonly (keyof z.infer<typeof outer>)[]>> = {
  speech: ['request'],
  long_form: ['request'],
  dialogue: ['request', 'speakers', 'turns'],
  batch: ['input'],
  // Recordings come in a form: `forms.ts`.
  voice: [],
  'speech-translation': [],
  generation: ['request'],
  singing: ['request'],
};

const TURN_PAUSE_MS = 350;

/**
 * Validates the body of `POST /v1/jobs`, except what needs the model.
 * @throws {SoriError} with the first fault's code and field.
 */
export function parseJob(given: unknown): AskedJob {
  const body = lenient(outer, given);
  const said = (body as { kind?: unknown } | null)?.kind;
  if (said === 'voice' || said === 'speech-translation') {
    const message = `A job of kind ${said} is sent as a multipart/form-data form, with its recordings.`;
    throw new SoriError('unsupported_media_type', message, { param: 'kind' });
  }
  const result = outer.safeParse(body);
  if (!result.success) throw outerFault(result.error.issues[0]);
  const { kind, webhook, ...rest } = result.data;
  const fields = FIELDS[kind];
  for (const field of fields) {
    if (rest[field as keyof typeof rest] === undefined) {
      throw new SoriError('missing_required_parameter', `A job of kind ${kind} needs ${field}.`, {
        param: field,
      });
    }
  }
  for (const [field, value] of Object.entries(rest)) {
    if (value === undefined || fields.includes(field as (typeof fields)[number])) continue;
    throw new SoriError('conflicting_parameters', `${field} is not for jobs of kind ${kind}.`, {
      param: field,
    });
  }
  return { kind, webhook: webhook?.url, request: rest, plan: planJob(kind, rest) };
}

/**
 * Plans a job's request.
 * @throws {SoriError} as {@link parseJob}.
 */
export function planJob(kind: string, request: JobRequest): JobPlan {
  if (kind === 'batch') return { kind, lines: readLines(String(request.input)) };
  const fields = request.request as Record<string, unknown>;
  if (kind === 'speech') {
    const body = speechOf(fields, 'request');
    return { kind, format: formatOf(body), pieces: [{ body, pauseMs: 0 }] };
  }
  if (kind === 'generation') return { kind, body: generationOf(fields) };
  if (kind === 'singing') {
    const song = under('request', () => parseSungJob(fields));
    return { kind, format: song.format, song };
  }
  if (kind === 'long_form') return longForm(fields);
  return dialogue(request as unknown as Script);
}

/** @throws {SoriError} as `POST /v1/audio/generations` does, `param` being the path to the field. */
function generationOf(fields: Record<string, unknown>): GenerationBody {
  try {
    const { stream_format, ...body } = fields;
    if (stream_format === undefined || stream_format === null) return parseGeneration(body);
    throw new SoriError('conflicting_parameters', 'A job stores its sound.', { param: 'stream_format' });
  } catch (error) {
    if (!(error instanceof SoriError) || error.param === null) throw error;
    throw new SoriError(error.code, error.message, { param: `request.${error.param}`, cause: error.cause });
  }
}

function longForm(fields: Record<string, unknown>): JobPlan {
  const { input } = fields;
  if (typeof input !== 'string' || input === '') {
    throw new SoriError('missing_required_parameter', 'request.input is required: a text.', {
      param: 'request.input',
    });
  }
  checkLength(Array.from(input).length, 'request.input');
  if (isSsml(input)) {
    throw new SoriError('invalid_ssml', 'A long form is plain text; use SSML in jobs of kind speech.', {
      param: 'request.input',
    });
  }
  const body = speechOf({ ...fields, input: 'x' }, 'request');
  const texts = cutText(input);
  if (texts.length === 0) {
    throw new SoriError('nothing_to_speak', 'The input contains nothing to speak.', {
      param: 'request.input',
    });
  }
  const pieces = texts.map((piece) => ({
    body: { ...body, input: piece.text },
    pauseMs: pauseAfter(piece, body),
  }));
  return { kind: 'long_form', format: formatOf(body), pieces };
}

interface Script {
  readonly request: Record<string, unknown>;
  readonly speakers: Record<string, Record<string, unknown>>;
  readonly turns: readonly { speaker: string; input: string; pause_ms?: number }[];
}

function dialogue({ request, speakers, turns }: Script): JobPlan {
  if (turns.length > JOB_LIMITS.turns) {
    throw new SoriError('invalid_value', `A job may have at most ${JOB_LIMITS.turns} turns.`, {
      param: 'turns',
    });
  }
  if (Object.keys(speakers).length > JOB_LIMITS.speakers) {
    throw new SoriError('invalid_value', `A job may have at most ${JOB_LIMITS.speakers} speakers.`, {
      param: 'speakers',
    });
  }
  checkLength(
    turns.reduce((sum, { input }) => sum + Array.from(input).length, 0),
    'turns',
  );
  for (const name of Object.keys(speakers)) {
    for (const field of ['model', 'response_format', 'input']) {
      if (!Object.hasOwn(speakers[name], field)) continue;
      const message = `${field} must be set in request: all speakers share it.`;
      throw new SoriError('conflicting_parameters', message, { param: `speakers.${name}.${field}` });
    }
  }
  const pieces = turns.map(({ speaker, input, pause_ms }, i): JobPiece => {
    if (!Object.hasOwn(speakers, speaker)) {
      const message = `Unknown speaker; the speakers are ${Object.keys(speakers).join(', ')}.`;
      throw new SoriError('invalid_value', message, { param: `turns.${i}.speaker` });
    }
    const body = speechOf({ ...request, ...speakers[speaker], input }, `turns.${i}`);
    const pause = pause_ms ?? Math.round((TURN_PAUSE_MS * body.pauses) / body.speed);
    return { body, pauseMs: i === turns.length - 1 ? 0 : pause };
  });
  return { kind: 'dialogue', format: formatOf(pieces[0].body), pieces };
}

function readLines(text: string): BatchLine[] {
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, number: i + 1 }]));
  const { lines: most } = JOB_LIMITS;
  if (lines.length === 0 || lines.length > most) {
    throw new SoriError('invalid_value', `input must have 1 to ${most} lines.`, { param: 'input' });
  }
  const known = new Set<string>();
  return lines.map(({ line, number }) => {
    const fault = (what: string) =>
      new SoriError('invalid_value', `Line ${number} of input ${what}.`, { param: 'input' });
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw fault('is not valid JSON');
    }
    const { custom_id, method, url, body } = (value ?? {}) as Record<string, unknown>;
    if (typeof custom_id !== 'string' || custom_id === '' || custom_id.length > 512) {
      throw fault('needs a custom_id, a string of 1 to 512 characters');
    }
    if (known.has(custom_id)) throw fault('has the custom_id of another line');
    known.add(custom_id);
    if (method !== 'POST' || url !== '/v1/audio/speech') {
      throw fault('must have the method "POST" and the url "/v1/audio/speech"');
    }
    return { customId: custom_id, body };
  });
}

/**
 * Validates a speech request of a job. It must request plain audio, because the result is stored.
 * @throws {SoriError} as `POST /v1/audio/speech` does, `param` being the path to the field.
 */
export function speechOf(fields: unknown, path?: string): SpeechBody {
  return under(path, () => {
    const body = parseSpeech(fields);
    checkSpeech(body);
    checkOutput(body);
    if (!isBareAudio(body)) {
      throw new SoriError(
        'conflicting_parameters',
        'A job makes audio as it is stored: json, sse, timestamps and sample_rate are not available.',
        { param: fieldOfOtherAnswers(body) },
      );
    }
    return body;
  });
}

/** Runs a check of fields that lie under a path of the body: an error's `param` is the whole path. */
function under<T>(path: string | undefined, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof SoriError) || path === undefined) throw error;
    const param = error.param === null ? path : `${path}.${error.param}`;
    throw new SoriError(error.code, error.message, { param, cause: error.cause });
  }
}

function fieldOfOtherAnswers({ response_format, sample_rate }: SpeechBody): string {
  if (response_format === 'json') return 'response_format';
  return sample_rate === undefined ? 'stream_format' : 'sample_rate';
}

/** The requested format of a job's audio. */
export const formatOf = ({ response_format }: SpeechBody): AudioFormatId =>
  response_format === 'json' ? 'mp3' : response_format;

function checkLength(characters: number, param: string): void {
  if (characters <= JOB_LIMITS.characters) return;
  const message = `A job may have at most ${JOB_LIMITS.characters} characters; this one has ${characters}.`;
  throw new SoriError('string_above_max_length', message, { param });
}

function outerFault(issue: z.core.$ZodIssue): SoriError {
  if (issue.code === 'unrecognized_keys') {
    const [param] = issue.keys;
    return new SoriError('invalid_value', `Unknown field ${JSON.stringify(param).slice(0, 64)}.`, {
      param: [...issue.path, param].join('.'),
    });
  }
  const param = issue.path.join('.');
  if (param === '') return new SoriError('invalid_type', 'The body must be a JSON object.');
  if (param === 'kind') {
    return new SoriError('invalid_value', `kind must be one of ${JOB_KINDS.join(', ')}.`, { param });
  }
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value';
  // zod's message, such as "Invalid input: expected string, received undefined".
  const what = issue.message.replace(/^Invalid input: |^Too /, (start) => (start === 'Too ' ? 'too ' : ''));
  return new SoriError(code, `${param}: ${what}. GET /docs has an example.`, { param });
}

import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import type { ModelInfo, ReadText, SpeechEngine } from '../../engine/engine.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import { lenient, refuseUnknown, unknownFields } from '../../http/bodies/lenient.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import { wordIpa } from '../../text/phoneme-input.ts';
import {
  findVoice,
  leadNameOf,
  MAX_INPUT_CHARACTERS,
  resolveModelName,
  speechSchema,
} from '../speech/index.ts';
import { type PhonemesBody, phonemesSchema, readingSchema } from './schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/audio/phonemes',
  tags: ['speech'],
  operationId: 'readPhonemes',
  summary: 'Show how a text is read',
  description:
    'Normalizes a text and returns each spoken word with the rule that read it, its phonemes and its position. No audio is made, and it uses no quota.',
  request: { body: { required: true, content: { 'application/json': { schema: phonemesSchema } } } },
  responses: {
    200: { description: 'The reading.', content: { 'application/json': { schema: readingSchema } } },
    ...errorResponses(400, 401, 404, 413, 415, 500, 503),
  },
});

const MUST: Readonly<Record<string, string>> = {
  model: 'a string',
  input: `a string of 1 to ${MAX_INPUT_CHARACTERS} characters`,
  language: 'a BCP 47 language tag such as en',
  voice: 'the id of a voice, or voices with their weights',
  pronunciations: 'an object of words and their IPA',
  strict: 'true or false',
};

/** Fields of speech are no mistake here: a body of `POST /v1/audio/speech` works. */
const KNOWN: ReadonlySet<string> = new Set(Object.keys({ ...speechSchema.shape, ...phonemesSchema.shape }));

/** Adds `POST /v1/audio/phonemes`. */
export function phonemesRoute(app: OpenAPIHono<AppEnv>, { engine }: { readonly engine: SpeechEngine }): void {
  // Registered without the library's validator, which would read a body of any length.
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    const body = await readJsonBody(c.req.raw);
    return c.json(await readPhonemes({ engine }, body, c.req.raw.signal), 200);
  });
}

/**
 * Reads a text as {@link phonemesRoute} does.
 * @param given a body of that route.
 * @throws {SoriError} as that route does.
 */
export async function readPhonemes(
  { engine }: { readonly engine: SpeechEngine },
  given: unknown,
  signal: AbortSignal,
): Promise<z.infer<typeof readingSchema>> {
  const body = parse(given);
  const name = body.model === undefined ? engine.names[0] : resolveModelName(engine.names, body.model);
  const model = await engine.model(name, signal);
  const { input, pronunciations, strict } = body;
  const language = body.language ?? voiceLanguage(model, body.voice);
  const read = await engine.read(
    { model: model.id, input, language: language ?? 'en', pronunciations, strict },
    signal,
  );
  return describe(read, `${model.id}@${model.version}`, language ?? mostWords(read.tokens));
}

/** The language of a voice of the model, of a mix that of its greatest part. */
function voiceLanguage(model: ModelInfo, voice: PhonemesBody['voice']): string | undefined {
  if (voice === undefined) return undefined;
  return findVoice(model, leadNameOf(voice))?.language;
}

function mostWords(tokens: ReadText['tokens']): string {
  const counts = new Map<string, number>();
  for (const { language } of tokens) counts.set(language, (counts.get(language) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['en', 0])[0];
}

function parse(given: unknown): PhonemesBody {
  const body = lenient(phonemesSchema, given);
  const result = phonemesSchema.safeParse(body);
  if (result.success) {
    if (result.data.strict) refuseUnknown(unknownFields(body, KNOWN));
    return result.data;
  }
  const [issue] = result.error.issues;
  if (issue.path.length === 0) throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = String(issue.path[0]);
  const value = (body as Record<string, unknown>)[param];
  const must = MUST[param] ?? 'valid';
  if (value === undefined) {
    throw new SoriError('missing_required_parameter', `${param} is required: ${must}.`, { param });
  }
  const tooLong = param === 'input' && typeof value === 'string' && value !== '';
  const code = tooLong
    ? 'string_above_max_length'
    : issue.code === 'invalid_type'
      ? 'invalid_type'
      : 'invalid_value';
  throw new SoriError(code, `${param} must be ${must}.`, { param });
}

type Word = z.infer<typeof readingSchema>['sentences'][number]['words'][number];

function describe(
  { tokens, warnings }: ReadText,
  model: string,
  language: string,
): z.infer<typeof readingSchema> {
  const sentences: { words: Word[] }[] = [];
  let last = -1;
  for (const { text, source, span, rule, from, words, pause, boundary, sentence, language: own } of tokens) {
    if (sentence !== last) sentences.push({ words: [] });
    last = sentence;
    const phonemes = words.map(wordIpa).join(' ');
    const word = { text, source, start: span.start, end: span.end, rule, from, language: own, phonemes };
    sentences[sentences.length - 1].words.push({
      ...word,
      ...(pause !== undefined && { pause }),
      ...(boundary !== undefined && { boundary }),
    });
  }
  const all = sentences.flatMap(({ words }) => words);
  return {
    object: 'phonemes',
    model,
    language,
    normalized: all.map(({ text, pause = '' }) => text + pause).join(' '),
    phonemes: all
      .map(({ phonemes, pause = '', boundary }) => phonemes + pause + (boundary ? ` ${boundary}` : ''))
      .join(' '),
    sentences,
    warnings: [...warnings],
  };
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import { AUDIO_FORMATS, type AudioFormatId } from '../../audio/format.ts';
import { type ErrorCode, SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { respondError } from '../../http/errors.ts';
import { type AudioAnswer, answerAudio, cacheTag, HIDDEN, IMMUTABLE } from '../delivery/index.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { PROMPT_NAME } from './catalogue/definition.ts';
import type { CataloguePrompt, PromptAudio } from './catalogue/prompt.ts';
import type { PromptDependencies } from './dependencies.ts';
import { promptAudioDocs } from './docs.ts';
import { parseVersion } from './query.ts';
import { bestLocale } from './variants.ts';

/** Cache-Control of the current version: a change is visible within a minute. */
const CURRENT = 'public, max-age=60, stale-while-revalidate=86400';
/** Cache-Control of an unknown name: cached briefly, because it may be created at any moment. */
const ABSENT: Partial<Record<ErrorCode, string>> = {
  unknown_prompt: 'public, max-age=10',
  unknown_audio: 'public, max-age=10',
  deleted_prompt: 'public, max-age=60',
};

/**
 * Adds `GET /prompts/{name}.{format}` and HEAD of it.
 * @param catalogueOf throws {@link SoriError} `not_configured` without a catalogue.
 */
export function promptAudioRoute(
  app: OpenAPIHono<AppEnv>,
  deps: PromptDependencies,
  catalogueOf: () => Catalogue,
): void {
  app.openAPIRegistry.registerPath(promptAudioDocs);
  app.get('/prompts/:file{.+}', async (c) => {
    try {
      const { name, format } = readFile(c.req.param('file'));
      const version = parseVersion(c.req.query('v'));
      const prompt = await catalogueOf().get(name, version);
      const { key } = audioOf(prompt, c.req.query('locale'));
      const answer: AudioAnswer = {
        key,
        format,
        tags: [cacheTag('prompt', name)],
        fileName: name.replaceAll('/', '-'),
        ...(version === undefined
          ? { cacheControl: CURRENT, changed: prompt.updated }
          : { cacheControl: IMMUTABLE }),
      };
      return await answerAudio(c, deps, answer);
    } catch (error) {
      const brief = error instanceof SoriError ? ABSENT[error.code] : undefined;
      if (brief === undefined) throw error;
      const response = respondError(error, c);
      const hidden = error instanceof SoriError && error.cause === HIDDEN;
      response.headers.set('Cache-Control', hidden ? 'no-store' : brief);
      return response;
    }
  });
}

function readFile(file: string): { name: string; format: AudioFormatId } {
  const dot = file.lastIndexOf('.');
  const [name, extension] = [file.slice(0, dot), file.slice(dot + 1)];
  const format = AUDIO_FORMATS.find((id) => id === extension);
  if (dot > 0 && format && PROMPT_NAME.test(name)) return { name, format };
  const message = `A prompt’s path is its name, a dot, and one of ${AUDIO_FORMATS.join(', ')}.`;
  throw new SoriError('unknown_prompt', message);
}

function audioOf({ name, variants }: CataloguePrompt, locale: string | undefined): PromptAudio {
  const known = variants.map((variant) => variant.locale);
  const best = bestLocale(known, locale);
  const audio = variants.find((variant) => variant.locale === best)?.audio;
  if (audio) return audio;
  const message = `${JSON.stringify(name)} is a template: POST the values of its slots to /v1/prompts/${name}/render.`;
  throw new SoriError('invalid_value', message, { param: 'name' });
}

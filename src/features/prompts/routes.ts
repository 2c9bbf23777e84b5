import type { OpenAPIHono } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { freshLibrary } from '../../library/library.ts';
import { cacheTag } from '../delivery/index.ts';
import { IGNORED_HEADER, ignoredHeader, modelEdition, onBehalf } from '../speech/index.ts';
import { audioUrls, type PromptListAnswer, promptAnswer, promptUrls } from './answer.ts';
import { type BakedPrompt, bakePrompt } from './bake.ts';
import { AudioRemoved, Catalogue, type Guard } from './catalogue/catalogue.ts';
import { checkPromptName } from './catalogue/definition.ts';
import type { Editions } from './catalogue/prompt.ts';
import { guardOf } from './conditions.ts';
import type { PromptDependencies } from './dependencies.ts';
import { deletePromptDocs, getPromptDocs, listPromptsDocs, purgePromptDocs, putPromptDocs } from './docs.ts';
import { parsePrompt } from './faults.ts';
import { promptAudioRoute } from './public-routes.ts';
import { parseListQuery, parseVersion } from './query.ts';

/** Largest definition, in bytes: texts of many locales. */
export const MAX_PROMPT_BYTES = 512 * 1024;
/** Attempts to bake a prompt whose audio is removed meanwhile. */
const BAKES = 3;
/** Names have slashes in them. */
const PATH = '/v1/prompts/:name{.+}';

/** Adds the prompt catalogue: `/v1/prompts…` for management, `/prompts/{name}.{format}` for playback. */
export function promptRoutes(app: OpenAPIHono<AppEnv>, deps: PromptDependencies): void {
  const catalogue = deps.database && new Catalogue(deps.database);
  const catalogueOf = (): Catalogue => {
    if (catalogue) return catalogue;
    const message = 'This server stores no prompts: its operator has configured no database.';
    throw new SoriError('not_configured', message);
  };

  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [putPromptDocs, getPromptDocs, listPromptsDocs, deletePromptDocs, purgePromptDocs]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.put(PATH, async (c) => {
    const prompts = catalogueOf();
    const name = checkPromptName(c.req.param('name'));
    const definition = parsePrompt(await readJsonBody(c.req.raw, MAX_PROMPT_BYTES));
    const guard = guardOf(c.req.raw.headers);
    if (guard) {
      // The guard runs again when the version is written; running it now may save the synthesis.
      const before = await prompts.find(name);
      guard(before?.deleted ? undefined : before);
    }
    // Ask the store, because audio in memory may have been removed from it.
    const library = deps.library && freshLibrary(deps.library);
    const bake = () => bakePrompt(c, { ...onBehalf(c, deps), library }, name, definition);
    const { draft, warnings, prompt, outcome } = await keepBaked(prompts, bake, guard);
    const fresh = draft.variants.flatMap(({ model, edition }) => (edition ? [[model, edition]] : []));
    c.header('ETag', prompt.etag);
    c.header('Cache-Control', 'no-store');
    const ignored = ignoredHeader(warnings);
    if (ignored !== undefined) c.header(IGNORED_HEADER, ignored);
    const stored = promptAnswer(prompt, Object.fromEntries(fresh));
    const answer = { ...stored, ...(warnings.length > 0 && { warnings: [...warnings] }) };
    return c.json(answer, outcome === 'created' ? 201 : 200);
  });

  app.get('/v1/prompts', async (c) => {
    const prompts = catalogueOf();
    const { limit, after, include, ...filter } = parseListQuery(c.req.query());
    const editions = await editionsOf(deps, c.req.raw.signal);
    const definitions = include === 'definition';
    const { prompts: data, next } = await prompts.list({ filter, after, limit, editions, definitions });
    const answer: PromptListAnswer = {
      object: 'list',
      data: data.map((prompt) => promptAnswer(prompt, editions)),
      has_more: next !== undefined,
      next: next ?? null,
    };
    c.header('Cache-Control', 'no-store');
    return c.json(answer);
  });

  app.get(PATH, async (c) => {
    const prompts = catalogueOf();
    const name = checkPromptName(c.req.param('name'));
    const prompt = await prompts.get(name, parseVersion(c.req.query('v')));
    const editions = await editionsOf(deps, c.req.raw.signal);
    c.header('ETag', prompt.etag);
    c.header('Cache-Control', 'no-store');
    return c.json(promptAnswer(prompt, editions));
  });

  app.delete(PATH, async (c) => {
    const name = checkPromptName(c.req.param('name'));
    await catalogueOf().delete(name, guardOf(c.req.raw.headers));
    return c.body(null, 204);
  });

  app.post(`${PATH}/purge`, async (c) => {
    const prompts = catalogueOf();
    const name = checkPromptName(c.req.param('name'));
    const audio = await prompts.audioOf(name);
    const paths = audio.flatMap(({ key, formats }) => [
      ...Object.values(audioUrls(key, formats)),
      ...Object.values(promptUrls(name, formats)),
    ]);
    const urls = [...new Set(paths)].map((path) => new URL(path, c.req.url).href);
    try {
      await deps.edgeCache?.purge([cacheTag('prompt', name)], urls);
    } catch (cause) {
      throw new SoriError('storage_unavailable', 'The cache cannot be purged now; try again.', { cause });
    }
    return c.body(null, 204);
  });

  promptAudioRoute(app, deps, catalogueOf);
}

/** Bakes and stores a prompt, and repeats it if reused audio was removed meanwhile. */
async function keepBaked(prompts: Catalogue, bake: () => Promise<BakedPrompt>, guard: Guard | undefined) {
  for (let left = BAKES; ; left--) {
    const removals = await prompts.removals();
    const { draft, warnings } = await bake();
    try {
      return { draft, warnings, ...(await prompts.put(draft, guard, removals)) };
    } catch (error) {
      if (!(error instanceof AudioRemoved) || left === 1) throw error;
    }
  }
}

/** The current edition of each model. */
async function editionsOf(deps: PromptDependencies, signal: AbortSignal): Promise<Editions> {
  const { names } = deps.engine;
  const editions = await Promise.all(
    names.map(async (name) => [name, await modelEdition(deps, name, signal)] as const),
  );
  return Object.fromEntries(editions);
}

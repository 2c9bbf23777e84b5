import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AUDIO_FORMATS } from '../audio/format.ts';
import { SoriError } from '../errors.ts';
import { errorRatesOf, SAME_VOICE, voiceLikeness } from '../pipeline/reference/same-voice.ts';
import { Consents } from '../voices/consents.ts';
import { type Voices, voiceNotFound } from '../voices/voices.ts';
import { audioPath, cacheTag } from './audio-headers.ts';
import { cloneVoice } from './clone-voice.ts';
import {
  compareDocs,
  type comparisonSchema,
  consentDocs,
  type consentSchema,
  createVoiceDocs,
  deleteVoiceDocs,
  getVoiceDocs,
} from './cloned-voices-docs.ts';
import { onBehalf } from './clones.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { readForm } from './form-body.ts';
import { resolveModelName } from './openai-names.ts';
import { requireReferences } from './references.ts';
import { MAX_VOICE_BYTES, readVoiceForm } from './voice-form.ts';
import { hearRecording } from './voice-recordings.ts';
import { clonedVoiceAnswer, voiceAnswer } from './voices-schema.ts';

/** Adds `POST /v1/voices`, `…/consent`, `…/compare`, and `GET|DELETE /v1/voices/{id}`. */
export function clonedVoiceRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const consents = deps.database && new Consents(deps.database);
  const { engine } = deps;
  const placesOf = (c: Context<AppEnv>) => {
    const { voices } = deps;
    const owner = c.get('caller').id;
    if (voices && consents) return { voices, consents, owner };
    throw new SoriError(
      'not_configured',
      'This server keeps no voices: its operator has given it no database.',
    );
  };
  const slot = () => deps.slots?.take() ?? (() => {});
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [createVoiceDocs, consentDocs, compareDocs, getVoiceDocs, deleteVoiceDocs]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.post(consentDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const { consents: sentences, owner } = placesOf(c);
    const { id, sentence, expires } = await sentences.create(owner);
    c.header('Cache-Control', 'no-store');
    const answer: z.infer<typeof consentSchema> = {
      id,
      object: 'voice.consent',
      sentence,
      expires_at: expires.toISOString(),
    };
    return c.json(answer, 201);
  });

  app.post(createVoiceDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const places = placesOf(c);
    const release = slot();
    try {
      const form = await readVoiceForm(c.req.raw);
      const voice = await cloneVoice({ c, deps: onBehalf(c, deps), ...places }, form);
      c.header('Cache-Control', 'no-store');
      c.header('Location', `/v1/voices/${voice.id}`);
      return c.json(clonedVoiceAnswer(voice), 201);
    } finally {
      release();
    }
  });

  app.post(compareDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const release = slot();
    try {
      const { signal } = c.req.raw;
      const form = await readForm(c.req.raw, MAX_VOICE_BYTES);
      const files = form.files('files', 'files[]', 'file');
      if (files.length !== 2) {
        const message = `files must be two recordings; there are ${files.length}.`;
        throw new SoriError('invalid_value', message, { param: 'files' });
      }
      const name = form.text('model') || undefined;
      const model = await engine.model(
        name === undefined ? engine.names[0] : resolveModelName(engine.names, name),
        signal,
      );
      const first = await hearRecording(deps, model, files[0], 'files[0]', signal);
      const second = await hearRecording(deps, model, files[1], 'files[1]', signal);
      const score = voiceLikeness(first.style, second.style, model.styleSpace, model.statistics);
      const { seconds, falseAccept, falseReject } = errorRatesOf(Math.min(first.seconds, second.seconds));
      c.header('Cache-Control', 'no-store');
      return c.json({
        object: 'voice.comparison',
        model: model.id,
        score: Math.round(score * 1000) / 1000,
        threshold: SAME_VOICE,
        same_speaker: score >= SAME_VOICE,
        error_rates: { seconds, false_accept: falseAccept, false_reject: falseReject },
      } satisfies z.infer<typeof comparisonSchema>);
    } finally {
      release();
    }
  });

  app.get('/v1/voices/:id', async (c) => {
    const { id } = c.req.param();
    c.header('Cache-Control', 'no-store');
    const cloned = await deps.voices?.find(id, c.get('caller').id);
    if (cloned) return c.json(clonedVoiceAnswer(cloned));
    for (const model of await engine.models(c.req.raw.signal)) {
      const voice = model.voices.find((candidate) => candidate.id === id);
      if (voice) return c.json(voiceAnswer(model, voice));
    }
    throw voiceNotFound('id');
  });

  app.delete('/v1/voices/:id', async (c) => {
    const { voices, owner } = placesOf(c);
    const { id } = c.req.param();
    if (!(await voices.find(id, owner))) throw voiceNotFound('id');
    const removed = await removeVoice(deps, voices, id, owner, c.req.url);
    c.header('Cache-Control', 'no-store');
    return c.json({ id, object: 'voice.deleted', deleted: true, audio_removed: removed });
  });
}

/**
 * Removes a voice and all that is heard of it. Its audio goes first: where that fails, the voice is still there to try again.
 * @returns how many keys of audio there were.
 * @throws {SoriError} `storage_unavailable`.
 */
async function removeVoice(
  { library, edgeCache }: AppDependencies,
  voices: Voices,
  id: string,
  owner: string,
  base: string,
): Promise<number> {
  const removed = new Set<string>();
  const remove = async (keys: readonly string[]) => {
    const fresh = keys.filter((key) => !removed.has(key));
    await library?.remove(fresh);
    for (const key of fresh) removed.add(key);
    if (fresh.length === 0 && removed.size > 0) return;
    const urls = fresh.flatMap((key) =>
      AUDIO_FORMATS.map((format) => new URL(audioPath(key, format), base).href),
    );
    try {
      await edgeCache?.purge([cacheTag('voice', id)], urls);
    } catch (cause) {
      const message = 'The cache can not be purged now; try again.';
      throw new SoriError('storage_unavailable', message, { cause });
    }
  };
  await remove(await voices.audioOf(id));
  // What was being made meanwhile finds its voice gone from here on, and removes itself.
  await remove(await voices.delete(id, owner));
  return removed.size;
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { voiceNotFound } from '../delivery/index.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { deleteKeyVoiceDocs, type KeyVoice, listKeyVoicesDocs } from './key-docs.ts';
import { removeVoice } from './removal.ts';
import type { ClonedVoice } from './voice.ts';
import type { Voices } from './voice-store.ts';

/**
 * Adds `GET /v1/keys/{id}/voices` and `DELETE /v1/keys/{id}/voices/{voice}`: for the administrator of keys, so that voices of lost or
 * revoked keys can be deleted. They give no access to the audio or the use of the voices.
 */
export function keyVoiceRoutes(app: OpenAPIHono<AppEnv>, deps: VoiceDependencies): void {
  const voicesOf = (): Voices => {
    if (deps.voices) return deps.voices;
    throw new SoriError(
      'not_configured',
      'This server keeps no voices: its operator has given it no database.',
    );
  };
  for (const docs of [listKeyVoicesDocs, deleteKeyVoiceDocs]) app.openAPIRegistry.registerPath(docs);

  app.get('/v1/keys/:id/voices', async (c) => {
    const voices = await voicesOf().list(c.req.param('id'));
    c.header('Cache-Control', 'no-store');
    return c.json({ object: 'list', data: voices.map(described) });
  });

  app.delete('/v1/keys/:id/voices/:voice', async (c) => {
    const { id: owner, voice: id } = c.req.param();
    const voices = voicesOf();
    if (!(await voices.find(id, owner))) throw voiceNotFound('voice');
    const removed = await removeVoice(deps, voices, id, owner, c.req.url);
    c.header('Cache-Control', 'no-store');
    return c.json({ id, object: 'voice.deleted', deleted: true, audio_removed: removed });
  });
}

function described({ id, owner, name, model, language, created, provenance }: ClonedVoice): KeyVoice {
  return {
    id,
    object: 'key.voice',
    key: owner,
    name,
    model,
    language,
    recordings: provenance.recordings.length,
    recordings_kept: provenance.recordings.filter(({ kept }) => kept !== undefined).length,
    consent: provenance.consent.kind,
    created_at: created.toISOString(),
  };
}

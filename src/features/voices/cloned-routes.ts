import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorRatesOf, SAME_VOICE, voiceLikeness } from '../../synthesis/reference/same-voice.ts';
import { voiceNotFound } from '../delivery/index.ts';
import { modelNamed, requireReferences } from '../speech/index.ts';
import { analysisContextOf, placeAnalysis, reportAnalysisPlace } from './analysis.ts';
import { cloneVoice } from './clone.ts';
import {
  compareDocs,
  type comparisonSchema,
  consentAnswerOf,
  consentDocs,
  createVoiceDocs,
  deleteVoiceDocs,
  getVoiceDocs,
} from './cloned-docs.ts';
import { cloningContextOf } from './cloning-context.ts';
import { Consents } from './consents.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { MAX_VOICE_BYTES, voiceFormOf } from './form.ts';
import { prepareVoice } from './prepare.ts';
import { sentRecording } from './recordings.ts';
import { removeVoice } from './removal.ts';
import { clonedVoiceAnswer, voiceAnswer } from './schema.ts';

/** Adds `POST /v1/voices`, `…/consent`, `…/compare`, and `GET|DELETE /v1/voices/{id}`. */
export function clonedVoiceRoutes(app: OpenAPIHono<AppEnv>, deps: VoiceDependencies): void {
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
    const sentence = await sentences.create(owner);
    c.header('Cache-Control', 'no-store');
    return c.json(consentAnswerOf(sentence), 201);
  });

  app.post(createVoiceDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const context = analysisContextOf(c);
    const cloning = cloningContextOf(deps, context.caller, context);
    const form = voiceFormOf(await readUpload(deps, c.req.raw, MAX_VOICE_BYTES));
    const release = slot();
    try {
      const prepared = await prepareVoice(cloning, form);
      const voice = await cloneVoice(cloning, prepared, {
        onPlaced: (placed) => reportAnalysisPlace(c, placed),
      });
      c.header('Cache-Control', 'no-store');
      c.header('Location', `/v1/voices/${voice.id}`);
      return c.json(clonedVoiceAnswer(deps, voice), 201);
    } finally {
      release();
    }
  });

  app.post(compareDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const context = analysisContextOf(c);
    const form = await readUpload(deps, c.req.raw, MAX_VOICE_BYTES);
    const release = slot();
    try {
      const files = form.files('files', 'files[]', 'file');
      if (files.length !== 2) {
        const message = `files must be two recordings; there are ${files.length}.`;
        throw new SoriError('invalid_value', message, { param: 'files' });
      }
      const name = form.text('model') || undefined;
      const model = await modelNamed(deps, name, context.signal);
      if (model.voiceThreshold !== undefined) {
        const message = `The errors of '${model.id}' are not measured: compare its voices with POST /v1/speakers/verify.`;
        throw new SoriError('conflicting_parameters', message, { param: 'model' });
      }
      const recordings = [
        await sentRecording(files[0], 'files[0]'),
        await sentRecording(files[1], 'files[1]'),
      ];
      const { analyze, placed } = placeAnalysis(deps, model, recordings, context);
      const report = () => reportAnalysisPlace(c, placed());
      const first = await analyze(recordings[0]).finally(report);
      const second = await analyze(recordings[1]).finally(report);
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
    if (cloned) return c.json(clonedVoiceAnswer(deps, cloned));
    for (const model of await engine.models(c.req.raw.signal)) {
      const voice = model.voices.find((candidate) => candidate.id === id);
      if (voice) return c.json(voiceAnswer(deps, model, voice));
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

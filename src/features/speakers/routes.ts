import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import type { Database } from '../../database/database.ts';
import { type FormBody, readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { requireReferences } from '../speech/index.ts';
import { checkUnderstood } from '../transcription/index.ts';
import {
  analysisContextOf,
  Consents,
  checkConsent,
  consentAnswer,
  consentAnswerOf,
  consentFormOf,
  MAX_RECORDINGS,
  MAX_VOICE_BYTES,
  mustDiffer,
  readConsent,
  type SentRecording,
  sentRecording,
} from '../voices/index.ts';
import type { SpeakerDependencies } from './dependencies.ts';
import { consentDocs, deleteDocs, enrolDocs, identifyDocs, listDocs, verifyDocs } from './docs.ts';
import { type Speaker, Speakers } from './speaker-store.ts';
import { type SpeakerModel, type SpeakerVector, speakerModelOf } from './vectors.ts';

/** Characters of a name at most. */
const MAX_NAME = 64;

/** Adds `/v1/speakers…`: verify, consent, enrol, list, delete, identify. */
export function speakerRoutes(app: OpenAPIHono<AppEnv>, deps: SpeakerDependencies): void {
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [verifyDocs, consentDocs, enrolDocs, listDocs, deleteDocs, identifyDocs]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.post(verifyDocs.path, async (c) => {
    const { form, model, withVectors } = await opened(c, deps);
    const files = form.files('files', 'files[]', 'file');
    const id = form.text('speaker') || undefined;
    const wanted = id === undefined ? 2 : 1;
    if (files.length !== wanted) {
      const message = `files must hold ${wanted === 2 ? 'two recordings' : 'one recording, to be compared with speaker'}; there are ${files.length}.`;
      throw new SoriError('invalid_value', message, { param: 'files' });
    }
    const enrolled = id === undefined ? undefined : await enrolledSpeaker(c, deps, id, model);
    const vectors = await withVectors((vectorOf) => vectorsOf(files, vectorOf));
    const other = enrolled ?? vectors[1];
    const score = model.likeness(vectors[0].vector, other.vector);
    c.header('Cache-Control', 'no-store');
    return c.json({
      object: 'speaker.verification',
      model: model.name,
      score: rounded(score),
      threshold: model.threshold,
      same_speaker: score >= model.threshold,
      error_rates: ratesOf(model, Math.min(vectors[0].seconds, other.seconds)),
    });
  });

  app.post(consentDocs.path, async (c) => {
    requireReferences(deps.referenceStyles);
    const sentence = await new Consents(databaseOf(deps)).create(c.get('caller').id, 'recognise');
    c.header('Cache-Control', 'no-store');
    return c.json(consentAnswerOf(sentence), 201);
  });

  app.post(enrolDocs.path, async (c) => {
    const { form, model, context, withVectors } = await opened(c, deps);
    const name = nameOf(form);
    const given = consentFormOf(form, 'recognise');
    const blobs = form.files('files', 'files[]', 'file');
    if (blobs.length === 0 || blobs.length > MAX_RECORDINGS) {
      const message = `files must hold 1 to ${MAX_RECORDINGS} recordings; there are ${blobs.length}.`;
      throw new SoriError('invalid_value', message, { param: 'files' });
    }
    const consents = new Consents(databaseOf(deps));
    const { caller: owner, signal } = context;
    const files = await Promise.all(blobs.map((file, i) => sentRecording(file, `files[${i}]`)));
    mustDiffer(files);
    const read = await readConsent(deps, consents, given, { owner, purpose: 'recognise', files });
    const speaker = await withVectors(async (vectorOf) => {
      const vectors: SpeakerVector[] = [];
      for (const file of files) vectors.push(await vectorOf(file));
      for (const file of files) await checkUnderstood({ ...deps, owner }, file, signal);
      const mean = model.mean(vectors.map(({ vector }) => vector));
      const compare = async (reading: SentRecording) => {
        const { vector } = await vectorOf(reading);
        return { score: model.likeness(vector, mean), threshold: model.threshold };
      };
      const check = { deps: { ...deps, owner }, consents, purpose: 'recognise', signal, compare } as const;
      const consent = await checkConsent(check, given, read);
      return await speakersOf(deps).create(
        {
          owner,
          name,
          model: model.name,
          vector: model.encode(mean),
          seconds: vectors.reduce((sum, { seconds }) => sum + seconds, 0),
          consent,
        },
        read?.claim,
      );
    });
    c.header('Cache-Control', 'no-store');
    return c.json(described(speaker), 201);
  });

  app.get(listDocs.path, async (c) => {
    const speakers = await speakersOf(deps).list(c.get('caller').id);
    c.header('Cache-Control', 'no-store');
    return c.json({ object: 'list', data: speakers.map(described) });
  });

  app.delete('/v1/speakers/:id', async (c) => {
    const { id } = c.req.param();
    if (!(await speakersOf(deps).delete(id, c.get('caller').id))) throw unknownSpeaker();
    c.header('Cache-Control', 'no-store');
    return c.json({ id, object: 'speaker.deleted', deleted: true });
  });

  app.post(identifyDocs.path, async (c) => {
    const { form, model, withVectors } = await opened(c, deps);
    const files = form.files('file', 'files');
    if (files.length !== 1) {
      throw new SoriError('invalid_value', `file must be one recording; there are ${files.length}.`, {
        param: 'file',
      });
    }
    const [{ vector, seconds }] = await withVectors((vectorOf) => vectorsOf(files, vectorOf));
    const speakers = await speakersOf(deps).list(c.get('caller').id, model.name);
    const scores = speakers
      .map(({ id, name, vector: stored }) => ({
        id,
        name,
        score: rounded(model.likeness(vector, model.decode(stored))),
      }))
      .sort((a, b) => b.score - a.score);
    const [best] = scores;
    c.header('Cache-Control', 'no-store');
    return c.json({
      object: 'speaker.identification',
      model: model.name,
      threshold: model.threshold,
      match: best !== undefined && best.score >= model.threshold ? best.id : null,
      speakers: scores.slice(0, 20),
      error_rates: ratesOf(model, seconds),
    });
  });
}

/** Reads a form, finds its model, and gives a function that runs work on recordings while it has a slot. */
async function opened(c: Context<AppEnv>, deps: SpeakerDependencies) {
  requireReferences(deps.referenceStyles);
  const form = await readUpload(deps, c.req.raw, MAX_VOICE_BYTES);
  const context = analysisContextOf(c);
  const model = await speakerModelOf(deps, form.text('model') || undefined, context);
  const withVectors = async <T>(work: (vectorOf: SpeakerModel['vector']) => Promise<T>): Promise<T> => {
    const release = deps.slots?.take() ?? (() => {});
    try {
      return await work(model.vector);
    } finally {
      release();
    }
  };
  return { form, model, context, withVectors };
}

async function vectorsOf(files: readonly Blob[], vectorOf: SpeakerModel['vector']): Promise<SpeakerVector[]> {
  const vectors: SpeakerVector[] = [];
  for (const [i, file] of files.entries())
    vectors.push(await vectorOf(await sentRecording(file, `files[${i}]`)));
  return vectors;
}

async function enrolledSpeaker(
  c: Context<AppEnv>,
  deps: SpeakerDependencies,
  id: string,
  model: SpeakerModel,
): Promise<SpeakerVector> {
  const speaker = await speakersOf(deps).find(id, c.get('caller').id);
  if (speaker === undefined) throw unknownSpeaker();
  if (speaker.model !== model.name) {
    const message = `This speaker was enrolled with ${speaker.model}, whose vectors cannot be compared with those of ${model.name}: enrol the speaker again.`;
    throw new SoriError('conflicting_parameters', message, { param: 'speaker' });
  }
  return { vector: model.decode(speaker.vector), seconds: speaker.seconds };
}

const speakersOf = (deps: SpeakerDependencies): Speakers => new Speakers(databaseOf(deps));

function databaseOf({ database }: SpeakerDependencies): Database {
  if (database !== undefined) return database;
  throw new SoriError(
    'not_configured',
    'This server keeps no speakers: its operator has given it no database.',
  );
}

function nameOf(form: FormBody): string {
  const name = form.text('name');
  if (!name) throw new SoriError('missing_required_parameter', 'name is required.', { param: 'name' });
  if (Array.from(name).length <= MAX_NAME) return name;
  throw new SoriError('string_above_max_length', `name may have at most ${MAX_NAME} characters.`, {
    param: 'name',
  });
}

function described({ id, name, model, seconds, consent, created }: Speaker) {
  return {
    id,
    object: 'speaker',
    name,
    model,
    seconds: rounded(seconds),
    consent: consentAnswer(consent),
    created_at: created.toISOString(),
  };
}

function ratesOf({ errorRates }: SpeakerModel, seconds: number) {
  const rates = errorRates(seconds);
  if (rates === undefined) return null;
  return { seconds: rates.seconds, false_accept: rates.falseAccept, false_reject: rates.falseReject };
}

const unknownSpeaker = () =>
  new SoriError('not_found', 'Unknown speaker, or a speaker of another key.', { param: 'speaker' });

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

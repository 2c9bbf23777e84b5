import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { type FormBody, readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { requireReferences } from '../speech/index.ts';
import { analysisContextOf, MAX_VOICE_BYTES, sentRecording } from '../voices/index.ts';
import type { SpeakerDependencies } from './dependencies.ts';
import { deleteDocs, enrolDocs, identifyDocs, listDocs, verifyDocs } from './docs.ts';
import { type Speaker, Speakers } from './speaker-store.ts';
import { type SpeakerModel, type SpeakerVector, speakerModelOf } from './vectors.ts';

/** Recordings of a speaker that is enrolled. */
const MAX_RECORDINGS = 5;
/** Longest texts in characters. */
const LIMITS = { name: 64, consent_statement: 2000, consent_signed_by: 200 } as const;

/** Adds `/v1/speakers…`: verify, enrol, list, delete, identify. */
export function speakerRoutes(app: OpenAPIHono<AppEnv>, deps: SpeakerDependencies): void {
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [verifyDocs, enrolDocs, listDocs, deleteDocs, identifyDocs]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.post(verifyDocs.path, async (c) => {
    const { form, model, heard } = await opened(c, deps);
    const files = form.files('files', 'files[]', 'file');
    const id = form.text('speaker') || undefined;
    const wanted = id === undefined ? 2 : 1;
    if (files.length !== wanted) {
      const message = `files must hold ${wanted === 2 ? 'two recordings' : 'one recording, to be compared with speaker'}; there are ${files.length}.`;
      throw new SoriError('invalid_value', message, { param: 'files' });
    }
    const enrolled = id === undefined ? undefined : await enrolledSpeaker(c, deps, id, model);
    const vectors = await heard(files);
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

  app.post(enrolDocs.path, async (c) => {
    const { form, model, heard } = await opened(c, deps);
    const name = textOf(form, 'name');
    const consent = { text: textOf(form, 'consent_statement'), signedBy: textOf(form, 'consent_signed_by') };
    const files = form.files('files', 'files[]', 'file');
    if (files.length === 0 || files.length > MAX_RECORDINGS) {
      const message = `files must hold 1 to ${MAX_RECORDINGS} recordings; there are ${files.length}.`;
      throw new SoriError('invalid_value', message, { param: 'files' });
    }
    const vectors = await heard(files);
    const speaker = await speakersOf(deps).create({
      owner: c.get('caller').id,
      name,
      model: model.name,
      vector: model.encode(model.mean(vectors.map(({ vector }) => vector))),
      seconds: vectors.reduce((sum, { seconds }) => sum + seconds, 0),
      consent,
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
    const { form, model, heard } = await opened(c, deps);
    const files = form.files('file', 'files');
    if (files.length !== 1) {
      throw new SoriError('invalid_value', `file must be one recording; there are ${files.length}.`, {
        param: 'file',
      });
    }
    const [{ vector, seconds }] = await heard(files);
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

/** Reads a form, finds its model, and gives a function that hears recordings one after the other. */
async function opened(c: Context<AppEnv>, deps: SpeakerDependencies) {
  requireReferences(deps.referenceStyles);
  const form = await readUpload(deps, c.req.raw, MAX_VOICE_BYTES);
  const context = analysisContextOf(c);
  const model = await speakerModelOf(deps, form.text('model') || undefined, context);
  const heard = async (files: readonly Blob[]): Promise<SpeakerVector[]> => {
    const release = deps.slots?.take() ?? (() => {});
    try {
      const vectors: SpeakerVector[] = [];
      for (const [i, file] of files.entries()) {
        vectors.push(await model.vector(await sentRecording(file, `files[${i}]`)));
      }
      return vectors;
    } finally {
      release();
    }
  };
  return { form, model, heard };
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
    const message = `This speaker was enrolled with ${speaker.model}, whose vectors ${model.name} can not be compared with: enrol the speaker again.`;
    throw new SoriError('conflicting_parameters', message, { param: 'speaker' });
  }
  return { vector: model.decode(speaker.vector), seconds: speaker.seconds };
}

function speakersOf({ database }: SpeakerDependencies): Speakers {
  if (database !== undefined) return new Speakers(database);
  throw new SoriError(
    'not_configured',
    'This server keeps no speakers: its operator has given it no database.',
  );
}

function textOf(form: FormBody, name: keyof typeof LIMITS): string {
  const value = form.text(name);
  if (!value) throw new SoriError('missing_required_parameter', `${name} is required.`, { param: name });
  if (Array.from(value).length <= LIMITS[name]) return value;
  throw new SoriError('string_above_max_length', `${name} may have at most ${LIMITS[name]} characters.`, {
    param: name,
  });
}

function described({ id, name, model, seconds, consent, created }: Speaker) {
  return {
    id,
    object: 'speaker',
    name,
    model,
    seconds: rounded(seconds),
    consent: { text: consent.text, signed_by: consent.signedBy },
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

import type { ModelInfo, Speech } from '../../engine/engine.ts';
import type { Singing, SingingEngine, SingingRequest } from '../../engine/singing/engine.ts';
import { speechKey, vectorHash } from '../../library/cache-key.ts';
import { SINGING_REVISION } from '../../synthesis/singing/revision.ts';
import type { Score } from '../../synthesis/singing/score.ts';
import { sungSeconds, TempoMap } from '../../synthesis/singing/score.ts';
import { MARK_REVISION } from '../delivery/index.ts';
import {
  type AddressedSpeech,
  modelEdition,
  namedClones,
  notesOf,
  resolveModelName,
  type SpeechBody,
  speechSchema,
  withNotes,
} from '../speech/index.ts';
import type { SingingDependencies } from './dependencies.ts';
import { singingWork } from './place.ts';
import { singingRequest } from './request.ts';
import type { SingingBody } from './schema.ts';

/** Singing that is understood, with its place in the library. */
export interface AddressedSinging {
  /** The same as speech, for what stores and answers it. */
  readonly speech: AddressedSpeech;
  readonly request: SingingRequest;
  /** The singing under way, once it is planned. */
  readonly planned: () => Singing | undefined;
}

/**
 * Understands a checked body and computes its cache key. Nothing is synthesized.
 * @param onProgress called with the share that is sung, from 0 to 1, each time some audio was made.
 * @throws {SoriError} as `singingRequest` and `namedClones` do; `unknown_model`, `model_unavailable`.
 */
export async function addressSinging(
  deps: SingingDependencies,
  singing: SingingEngine,
  { body, score }: { readonly body: SingingBody; readonly score: Score },
  signal: AbortSignal,
  onProgress?: (share: number) => void,
): Promise<AddressedSinging> {
  const { engine, owner } = deps;
  const model = await engine.model(resolveModelName(engine.names, body.model), signal);
  const asSpeech = speechBody(body, score, model);
  const clones = await namedClones(deps, model, { ...asSpeech, voice: clonesIn(body, score) });
  const request = await singingRequest(model, body, score, { clones, signal });
  const { style, clones: vectors, accompaniment, ...parameters } = request;
  const decisive = {
    ...parameters,
    singing: SINGING_REVISION,
    style: style && (await vectorHash(style)),
    clones:
      vectors &&
      Object.fromEntries(
        await Promise.all(
          Object.entries(vectors).map(async ([id, vector]) => [id, await vectorHash(vector)]),
        ),
      ),
    accompaniment: accompaniment && (await vectorHash(accompaniment)),
    marked: vectors && MARK_REVISION,
    loudness: body.loudness,
  };
  // Canonical JSON has no `undefined` in lists; fields that a score leaves out are absent.
  const keyUnder = (edition: string) => speechKey({ ...JSON.parse(JSON.stringify(decisive)), edition });
  let planned: Singing | undefined;
  const speech: AddressedSpeech = {
    key: await keyUnder(await modelEdition(deps, model.id, signal)),
    keyUnder,
    model,
    request: {
      model: model.id,
      voice: request.voice,
      style,
      input: asSpeech.input,
      language: request.language,
      speed: 1,
      seed: body.seed,
      refineSteps: 0,
      pronunciations: {},
      pitch: 0,
      pitchRange: 1,
      energy: 0,
      pauses: 1,
      exactLength: true,
    },
    body: asSpeech,
    seconds: secondsOf(score, request),
    work: singingWork(model, sungSeconds(score)),
    // A score from a form is handed over as it came.
    atOrigin:
      body.score === undefined && body.score_file === undefined
        ? undefined
        : { path: '/v1/audio/singing', fields: body },
    synthesize: async (work, requester) => {
      planned = await singing.sing(request, work, requester);
      return asSpeechOf(planned, onProgress);
    },
    privacy:
      clones.size > 0 && owner !== undefined ? { owner, clones: [...clones.keys()].sort() } : undefined,
  };
  return { speech, request, planned: () => planned };
}

function asSpeechOf(singing: Singing, onProgress?: (share: number) => void): Speech {
  const { totalSamples, timings } = singing;
  const chunks = onProgress ? reported(singing, onProgress) : singing.chunks;
  return { totalSamples, long: false, timings, chunks, alignment: { phonemes: [], marks: [] }, warnings: [] };
}

/** Passes the waveform on and reports how much of it is made. */
async function* reported(
  { chunks, totalSamples }: Singing,
  onProgress: (share: number) => void,
): AsyncGenerator<Float32Array> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    onProgress(Math.min(1, done / totalSamples));
    yield chunk;
  }
}

/** The fields that singing shares with speech; its input is the lyrics. */
function speechBody(body: SingingBody, score: Score, model: ModelInfo): SpeechBody {
  const { response_format, audio_format, loudness } = body;
  const fields = {
    model: model.id,
    input: 'la',
    voice: model.voices[0].id,
    response_format,
    audio_format,
    loudness,
  };
  return withNotes({ ...speechSchema.parse(fields), input: lyricsOf(score) }, notesOf(body));
}

/** The lyrics of a score as text, for the quota and the log. */
export function lyricsOf({ parts }: Score): string {
  const lines = parts.map(({ notes }) => {
    const text = notes
      .map(({ lyric }) => (lyric ? `${lyric.text}${lyric.ends ? ' ' : ''}` : ''))
      .join('')
      .trim();
    return text || notes.map(() => 'la').join(' ');
  });
  return lines.join('\n');
}

/** Seconds of the audio, at most. */
function secondsOf({ tempos, parts }: Score, { accompaniment, leadIn = 0.25 }: SingingRequest): number {
  const map = new TempoMap(tempos);
  const ends = parts.flatMap(({ notes }) => notes.map(({ beat, beats }) => map.seconds(beat + beats)));
  const sung = ends.reduce((latest, end) => Math.max(latest, end), 0) + 1;
  return leadIn + Math.max(sung, (accompaniment?.length ?? 0) / 24_000);
}

/** Cloned voices that a body or its score names, as a mix of them. */
function clonesIn({ voice }: SingingBody, { parts }: Score): Record<string, number> | undefined {
  const own =
    typeof voice === 'string' ? voice.split('+').map((part) => part.trim().replace(/\(.*$/, '')) : [];
  const object =
    typeof voice === 'object'
      ? 'id' in voice && typeof voice.id === 'string'
        ? [voice.id]
        : Object.keys(voice)
      : [];
  const names = [...own, ...object, ...parts.flatMap((part) => part.voice ?? [])];
  const clones = [...new Set(names.filter((name) => name.startsWith('vce_')))];
  return clones.length > 0 ? Object.fromEntries(clones.map((id) => [id, 1 / clones.length])) : undefined;
}

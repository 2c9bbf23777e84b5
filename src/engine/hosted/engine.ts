import { resample } from '../../audio/resample.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import { type CanonicalValue, canonicalJson } from '../../base/canonical-json.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { inTurns } from '../../base/turns.ts';
import { cloningSettingsOf } from '../../models/cloning.ts';
import type { HostedModels } from '../../models/hosted-models.ts';
import { type ModelManifest, memoryOf } from '../../models/manifest.ts';
import type { SpeechEvent, SpeechInput } from '../../models/tasks.ts';
import type { FrontEnd } from '../../text/frontend.ts';
import { primarySubtag } from '../../text/language.ts';
import type { Utterance } from '../../text/types.ts';
import { Warnings } from '../../text/warnings.ts';
import type { AlignedSpeech, ModelInfo, Speech, SpeechEngine, SpeechRequest, Timings } from '../engine.ts';
import { embeddingOf, encodeReference } from './cloning.ts';
import { refuseUnknown, withKnownMarkup } from './controls.ts';
import { embeddingSpace } from './embedding-space.ts';
import { averageRate, shapeUtterance } from './shape.ts';
import { HostedTimeline } from './timeline.ts';

/** Phonemes in one run of a model: its tokens are up to twice as many. */
const MAX_PHONEMES = 220;
/** Input of more utterances is synthesized while it is played. */
const PLANNED_AT_ONCE = 4;
/** Sample text of `GET /v1/voices`. */
const SAMPLE = 'Thanks for calling. How can I help you today?';

/** Options of {@link createHostedEngine}. */
export interface HostedEngineOptions {
  readonly models: Pick<HostedModels, 'list' | 'run' | 'refresh'>;
  /** Sori's front end of a language. */
  readonly frontEnd: (language: string, signal?: AbortSignal) => Promise<FrontEnd>;
}

/** The part of a {@link SpeechEngine} that other makers' models have. */
export type HostedEngine = Pick<
  SpeechEngine,
  'names' | 'model' | 'models' | 'speak' | 'align' | 'review' | 'encodeStyle'
>;

/**
 * Speaks with models of other makers: Sori's front end and markup, their network. A sentence is one run of the network, so audio begins
 * when the first sentence is done. Controls that such a model does not have are refused, not ignored.
 */
export function createHostedEngine({ models, frontEnd }: HostedEngineOptions): HostedEngine {
  const listed = () => [...models.list('speech'), ...models.list('speech-cloning')];
  const find = async (name: string): Promise<ModelManifest> => {
    const known = () => listed().find(({ id }) => id === name);
    if (!known()) await models.refresh();
    const manifest = known();
    if (manifest) return manifest;
    throw new SoriError('unknown_model', `Model '${name}' is not installed on this server.`, {
      param: 'model',
    });
  };

  async function begin(request: SpeechRequest, signal?: AbortSignal) {
    const manifest = await find(request.model);
    refuseUnknown(manifest, request);
    const timings: Timings = {};
    const started = performance.now();
    const reader = await frontEnd(request.language, signal);
    timings.load = performance.now() - started;
    const { input, pronunciations } = request;
    const textStarted = performance.now();
    const warnings = new Warnings({ text: input, strict: request.strict });
    const analysis = reader.analysis(input, {
      language: request.language,
      voiceLanguage: (voice) => manifest.voices.find(({ id }) => id === voice)?.language,
      unreadable: request.unreadable,
      pronunciations,
      maxPhonemes: MAX_PHONEMES,
      warnings,
    });
    const utterances = (await inTurns(analysis, signal)).map((utterance) =>
      withKnownMarkup(manifest, utterance, request.clones, warnings),
    );
    timings.text = performance.now() - textStarted;
    return { manifest, utterances, timings, warnings: warnings.list() };
  }

  /** Runs a model once. */
  async function* spoken(
    { id, task }: ModelManifest,
    input: Omit<SpeechInput, 'voice'>,
    voice: SpeechInput['voice'],
    request: SpeechRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<SpeechEvent> {
    if (task !== 'speech-cloning') return yield* models.run(id, 'speech', { ...input, voice }, signal);
    const cloned = { ...input, kind: 'speech', embedding: embeddingOf(id, voice, request) } as const;
    for await (const event of models.run(id, 'speech-cloning', cloned, signal)) {
      if (event.kind === 'speech') yield event;
    }
  }

  /** Speaks one utterance after the other. */
  async function* pieces(
    { manifest, utterances, timings }: Awaited<ReturnType<typeof begin>>,
    request: SpeechRequest,
    timeline: HostedTimeline,
    signal?: AbortSignal,
  ): AsyncGenerator<Float32Array> {
    for (const utterance of utterances) {
      const started = performance.now();
      const input = {
        text: request.input.slice(utterance.span.start, utterance.span.end),
        phonemes: utterance.phonemes.map(({ symbol }) => symbol),
        language: spokenLanguage(manifest, utterance, request.language),
        speed: averageRate(utterance, request.speed),
      };
      const voice = utterance.voice === undefined ? request.voice : { [utterance.voice]: 1 };
      for await (const { samples, lengths } of spoken(manifest, input, voice, request, signal)) {
        const rate = manifest.sampleRate ?? SAMPLE_RATE;
        const sound = rate === SAMPLE_RATE ? samples : resample(samples, rate, SAMPLE_RATE);
        const shaped = shapeUtterance(utterance, sound, lengths, request);
        timeline.add(utterance, shaped.lengths, shaped.samples.length);
        timings.model = (timings.model ?? 0) + performance.now() - started;
        yield shaped.samples;
      }
      signal?.throwIfAborted();
    }
  }

  const speak = async (request: SpeechRequest, signal?: AbortSignal): Promise<Speech> => {
    const begun = await begin(request, signal);
    const timeline = new HostedTimeline();
    const sound = pieces(begun, request, timeline, signal);
    const long = begun.utterances.length > PLANNED_AT_ONCE;
    const { timings, warnings } = begun;
    const common = { long, timings, warnings, alignment: timeline.alignment };
    if (!request.exactLength) {
      // The first sentence at once: whatever keeps it from being spoken is still an error with a status.
      const first = await sound.next();
      return { ...common, totalSamples: undefined, chunks: resumed(first, sound) };
    }
    const made: Float32Array[] = [];
    for await (const piece of sound) made.push(piece);
    return { ...common, totalSamples: timeline.samples, chunks: inOrder(made) };
  };

  return {
    get names() {
      return listed().map(({ id }) => id);
    },

    model: async (name) => await infoOf(await find(name)),

    async models() {
      await models.refresh();
      return await Promise.all(listed().map(infoOf));
    },

    speak,

    async align(request, signal): Promise<AlignedSpeech> {
      const {
        chunks,
        alignment,
        warnings,
        totalSamples = 0,
      } = await speak({ ...request, exactLength: true }, signal);
      for await (const _ of chunks);
      if (alignment.phonemes.length === 0) {
        const message = `'${request.model}' returns no timestamps: its graph has no durations.`;
        throw new SoriError('conflicting_parameters', message, { param: 'model' });
      }
      return { alignment, warnings, totalSamples };
    },

    review: async (request, signal) => (await begin(request, signal)).warnings,

    encodeStyle: async (name, reference, signal) =>
      await encodeReference(models, await find(name), reference, signal),
  };
}

/** The language that the front end read an utterance in: that of its markup, else the accent of the voice that markup names, else the request's. */
function spokenLanguage(
  { voices }: ModelManifest,
  { language, voice }: Utterance,
  requested: string,
): string {
  if (language !== undefined) return language;
  const accent = voices.find(({ id }) => id === voice)?.language;
  return accent !== undefined && primarySubtag(accent) === primarySubtag(requested) ? accent : requested;
}

/** Description of a model from its manifest. */
async function infoOf(manifest: ModelManifest): Promise<ModelInfo> {
  const { id, version, created, languages, voices } = manifest;
  // Memory is measured on each machine, and does not change the audio.
  const plain = JSON.parse(JSON.stringify({ ...manifest, memoryBytes: undefined })) as CanonicalValue;
  const bytes = new TextEncoder().encode(canonicalJson(plain));
  const cloning = manifest.task === 'speech-cloning' ? cloningSettingsOf(manifest) : undefined;
  const size = cloning?.embeddingSize ?? 0;
  return {
    id,
    version,
    fingerprint: await sha256Hex(bytes),
    created,
    languages,
    voices: voices.map((voice) => ({ ...voice, sample: SAMPLE })),
    emotions: ['neutral'],
    styleSize: size,
    styleSpace: embeddingSpace(id, version, size),
    ...(cloning && { voiceThreshold: cloning.threshold }),
    statistics: {},
    stageBytes: memoryOf(manifest),
    servedBy: 'origin',
    licence: manifest.licence,
  };
}

async function* resumed(
  first: IteratorResult<Float32Array>,
  rest: AsyncGenerator<Float32Array>,
): AsyncGenerator<Float32Array> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* inOrder(pieces: readonly Float32Array[]): AsyncGenerator<Float32Array> {
  yield* pieces;
}

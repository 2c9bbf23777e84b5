import { SoriError } from '../errors.ts';
import { resolveVoice } from '../pipeline/style/voice.ts';
import { type SynthesisOptions, Synthesizer } from '../pipeline/synthesize.ts';
import { createFrontEnd, type FrontEnd } from '../pipeline/text/frontend.ts';
import type { Manifest } from '../shards/manifest.ts';
import { STAGES } from '../shards/stages.ts';
import type { ModelInfo, Readiness, Speech, SpeechEngine, Timings } from './engine.ts';
import type { ModelHost, OpenModel } from './model-host.ts';
import { timedStages, yieldToEvents } from './timing.ts';

/** Phonemes in one pass of the acoustic model at normal speed: about 15 s of speech, which bounds its memory. */
const MAX_PHONEMES = 220;

/** What {@link createLocalEngine} needs. */
export interface LocalEngineOptions {
  readonly host: ModelHost;
  /** Names of the models offered; the first is the default. */
  readonly models: readonly string[];
}

/**
 * Speaks in this process: text front end, pipeline and inference backend, no network but the shard source.
 * Models, dictionaries and sessions are loaded on first use and shared by later requests.
 */
export function createLocalEngine({ host, models }: LocalEngineOptions): SpeechEngine {
  const frontEnds = new WeakMap<Manifest, Map<string, FrontEnd>>();

  async function open(name: string, signal?: AbortSignal): Promise<OpenModel> {
    if (!models.includes(name)) {
      throw new SoriError(
        'unknown_model',
        `Unknown model '${name}'. This service has: ${models.join(', ')}.`,
        { param: 'model' },
      );
    }
    try {
      return await host.open(name, signal);
    } catch (cause) {
      throw unpublished(name, cause);
    }
  }

  async function frontEndOf(model: OpenModel, language: string, signal?: AbortSignal): Promise<FrontEnd> {
    const { manifest } = model;
    const lexicon = manifest.lexicons[language];
    if (!lexicon) throw unsupportedLanguage(manifest, language);
    const byLanguage = frontEnds.get(manifest) ?? new Map<string, FrontEnd>();
    frontEnds.set(manifest, byLanguage);
    const open = byLanguage.get(language);
    if (open) return open;
    // Only what is finished is shared: a promise would belong to the request that made it, and end with it.
    const [dictionary, fallback] = await Promise.all([
      model.file(lexicon.dictionary, signal),
      lexicon.fallback && model.file(lexicon.fallback, signal),
    ]);
    const frontEnd = createFrontEnd({ dictionary, fallback, phonemes: manifest.phonemes });
    byLanguage.set(language, frontEnd);
    return frontEnd;
  }

  return {
    names: models,

    async model(name, signal) {
      return modelInfo((await open(name, signal)).manifest);
    },

    async models(signal) {
      const opened = await Promise.allSettled(models.map((name) => open(name, signal)));
      const read = opened.filter((result) => result.status === 'fulfilled');
      const [first] = opened;
      if (read.length === 0 && first?.status === 'rejected') throw first.reason;
      return read.map(({ value }) => modelInfo(value.manifest));
    },

    async speak(request, signal) {
      const timings: Timings = {};
      const started = performance.now();
      const model = await open(request.model, signal);
      const { manifest } = model;
      const options: SynthesisOptions = {
        voice: resolveVoice(manifest, request.voice),
        language: languageIndex(manifest, request.language),
        speed: request.speed,
        seed: request.seed,
        refineSteps: request.refineSteps ?? manifest.refiner.defaultSteps,
        signal,
      };
      const frontEnd = await frontEndOf(model, request.language, signal);
      timings.load = performance.now() - started;
      const textStarted = performance.now();
      const utterances = frontEnd.analyze(request.input, {
        pronunciations: request.pronunciations,
        maxPhonemes: Math.round(MAX_PHONEMES * Math.min(1, request.speed * 2)),
      });
      timings.text = performance.now() - textStarted;
      // All stages at once: their shards are fetched side by side, and only the first request of an isolate waits.
      const loadStarted = performance.now();
      await model.preload(
        STAGES.filter((stage) => stage !== 'mel_refiner' || options.refineSteps > 0),
        signal,
      );
      timings.load += performance.now() - loadStarted;
      const synthesizer = new Synthesizer(manifest, timedStages(model.runner, timings));
      const plan = await synthesizer.plan(utterances, options);
      return {
        totalSamples: plan.totalSamples,
        timings,
        chunks: abortable(synthesizer.render(plan, options), timings, signal),
      } satisfies Speech;
    },

    readiness: (signal) => Promise.all(models.map((name) => check(host, name, signal))),
  };
}

async function check(host: ModelHost, model: string, signal?: AbortSignal): Promise<Readiness> {
  try {
    await host.verify(model, signal);
    return { model, ready: true, backend: host.backend.name };
  } catch (cause) {
    const fault = unpublished(model, cause);
    const known = fault instanceof SoriError;
    const code = known ? fault.code : 'model_unavailable';
    const message = known ? fault.message : 'The model could not be loaded or failed its self-test.';
    return { model, ready: false, error: { code, message } };
  }
}

/** A model that the configuration names and the store lacks is the operator's fault, not the client's. */
function unpublished(model: string, fault: unknown): unknown {
  if (!(fault instanceof SoriError) || fault.code !== 'unknown_model') return fault;
  const message = `Model '${model}' is not in this server's bucket. Its operator can put it there: npm run shards:publish.`;
  return new SoriError('model_unavailable', message, { cause: fault });
}

/** Lets the platform deliver a disconnect between chunks, which synchronous WASM would otherwise hold back to the end. */
async function* abortable(
  chunks: AsyncIterable<Float32Array>,
  timings: Timings,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  const started = performance.now();
  let outside = 0;
  for await (const chunk of chunks) {
    const handed = performance.now();
    yield chunk;
    await yieldToEvents();
    signal?.throwIfAborted();
    outside += performance.now() - handed;
  }
  timings.render = performance.now() - started - outside;
}

function modelInfo(manifest: Manifest): ModelInfo {
  const { name, version, created, languages, voices } = manifest;
  return {
    id: name,
    version,
    created,
    languages,
    voices: voices.map(({ id, name: label, sex, language, description }) => ({
      id,
      name: label,
      sex,
      language,
      description,
    })),
  };
}

function languageIndex(manifest: Manifest, language: string): number {
  const index = manifest.languages.indexOf(language);
  if (index < 0) throw unsupportedLanguage(manifest, language);
  return index;
}

function unsupportedLanguage(manifest: Manifest, language: string): SoriError {
  const known = manifest.languages.join(', ');
  return new SoriError(
    'unsupported_language',
    `Model '${manifest.name}' does not speak '${language}'. It speaks: ${known}.`,
    {
      param: 'language',
    },
  );
}

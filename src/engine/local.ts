import { inTurns } from '../base/turns.ts';
import type { Manifest } from '../shards/manifest.ts';
import type { StageName } from '../shards/stages.ts';
import type { Speaker } from '../synthesis/speaker.ts';
import { type Narration, type SpeechFrames, Synthesizer } from '../synthesis/synthesize.ts';
import type { ReadToken } from '../text/frontend.ts';
import type { Utterance } from '../text/types.ts';
import { type Warning, Warnings } from '../text/warnings.ts';
import { buildOf, checkModel, inferenceOf, modelInfo } from './describe.ts';
import { encodeStyle } from './encode-style.ts';
import type { Requester, Speech, SpeechEngine, SpeechRequest, Timings } from './engine.ts';
import { FrontEnds } from './front-ends.ts';
import type { ModelHost, OpenModel } from './model-host.ts';
import { openOffered } from './offered.ts';
import { scheduledStages } from './scheduled-stages.ts';
import { type ScheduledWork, Scheduler } from './scheduler.ts';
import { checkSpeaker, readText, samplesStyles } from './spoken-text.ts';
import { timedStages } from './timing.ts';

/**
 * Utterances, and phonemes in all of them, that are planned before the first audio: the text encoder takes less than a tenth of a second
 * for them. Longer input is planned while it is played, so that the first audio does not wait for the last sentence.
 */
const PLANNED_AT_ONCE = { utterances: 4, phonemes: 300 } as const;

/** Options of {@link createLocalEngine}. */
export interface LocalEngineOptions {
  readonly host: ModelHost;
  /** Names of the models; the first is the default. */
  readonly models: readonly string[];
  /** Decides which work runs next. Default: one step at a time, or any number if utterances are batched. */
  readonly scheduler?: Scheduler;
  /** Called with the curves and mel of every request before its waveform, for tools. */
  readonly onFrames?: (frames: SpeechFrames) => void;
}

/** A request that is validated but not planned yet. */
interface Begun {
  readonly work: ScheduledWork;
  readonly narration: Narration;
  readonly utterances: readonly Utterance[];
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

/**
 * Makes an engine that synthesizes in this process. It uses no network except the shard source.
 * Models, dictionaries and sessions are loaded on first use and shared by later requests.
 */
export function createLocalEngine({
  host,
  models,
  scheduler: given,
  onFrames,
}: LocalEngineOptions): SpeechEngine {
  const scheduler = given ?? new Scheduler({ concurrency: host.batches ? Number.POSITIVE_INFINITY : 1 });
  const frontEnds = new FrontEnds();

  const open = (name: string, signal?: AbortSignal) => openOffered(host, models, name, signal);

  async function begin(
    request: SpeechRequest,
    waveform: boolean,
    signal?: AbortSignal,
    requester?: Requester,
  ): Promise<Begun> {
    const characters = request.input.length;
    const work = scheduler.enter({ ...requester, characters, signal });
    try {
      return { work, ...(await understand(request, waveform, work, signal)) };
    } catch (error) {
      work.end();
      throw error;
    }
  }

  async function understand(
    request: SpeechRequest,
    waveform: boolean,
    work: ScheduledWork,
    signal?: AbortSignal,
  ): Promise<Omit<Begun, 'work'>> {
    const timings: Timings = {};
    const started = performance.now();
    const model = await open(request.model, signal);
    const { manifest } = model;
    const refineSteps = manifest.refiner ? (request.refineSteps ?? manifest.refiner.defaultSteps) : 0;
    // Validate the request before anything is loaded; its markup is validated later.
    checkSpeaker(manifest, request);
    const frontEnd = await frontEnds.get(model, request.language, signal);
    timings.load = performance.now() - started;
    const textStarted = performance.now();
    const { utterances, speakers, warnings } = await work.step(() =>
      readText(frontEnd, manifest, request, signal),
    );
    timings.text = performance.now() - textStarted;
    // Load all stages concurrently; only the first request of an isolate waits.
    const loadStarted = performance.now();
    await model.preload(stagesFor(manifest, speakers, waveform, refineSteps), signal);
    timings.load += performance.now() - loadStarted;
    const synthesizer = new Synthesizer(manifest, scheduledStages(timedStages(model.runner, timings), work));
    const { pitch, pitchRange, energy, pauses, input, speed, seed } = request;
    const narration = synthesizer.begin(utterances, {
      speakers,
      input,
      speed,
      controls: { pitch, pitchRange, energy, pauses },
      seed,
      refineSteps,
      signal,
      onSpoken: ({ span }) => work.done(span.end - span.start),
      onFrames,
    });
    return { narration, utterances, timings, warnings };
  }

  return {
    names: models,
    build: buildOf(host),
    inference: inferenceOf(host),

    async model(name, signal) {
      return modelInfo((await open(name, signal)).manifest);
    },

    async models(signal) {
      const opened = await Promise.allSettled(models.map((name) => open(name, signal)));
      const read = opened.filter((result) => result.status === 'fulfilled');
      const [first] = opened;
      if (read.length === 0 && first?.status === 'rejected') throw first.reason;
      return await Promise.all(read.map(({ value }) => modelInfo(value.manifest)));
    },

    async speak(request, signal, requester) {
      const begun = await begin(request, true, signal, requester);
      const { work, narration, utterances, timings, warnings } = begun;
      const long = isLong(utterances);
      const whole = request.exactLength || !long;
      try {
        await (whole ? narration.planAll() : narration.planNext());
      } catch (error) {
        work.end();
        throw error;
      }
      return {
        totalSamples: whole ? narration.samples : undefined,
        long,
        timings,
        warnings,
        chunks: abortable(narration.render(), timings, work, signal),
        alignment: narration.alignment,
      } satisfies Speech;
    },

    async align(request, signal, requester) {
      const { work, narration, warnings } = await begin(request, false, signal, requester);
      try {
        await narration.planTimes();
      } finally {
        work.end();
        narration.free();
      }
      return { alignment: narration.alignment, warnings, totalSamples: narration.samples };
    },

    async review(request, signal) {
      const model = await open(request.model, signal);
      const { manifest } = model;
      checkSpeaker(manifest, request);
      const frontEnd = await frontEnds.get(model, request.language, signal);
      const work = scheduler.enter({ characters: request.input.length, signal });
      try {
        return (await work.step(() => readText(frontEnd, manifest, request, signal))).warnings;
      } finally {
        work.end();
      }
    },

    async read({ model: name, language, input, pronunciations, strict }, signal) {
      const frontEnd = await frontEnds.get(await open(name, signal), language, signal);
      const warnings = new Warnings({ text: input, strict });
      const tokens: ReadToken[] = [];
      const analysis = frontEnd.analysis(input, {
        language,
        pronunciations,
        // Unreadable characters are listed in the warnings.
        unreadable: 'skip',
        warnings,
        onToken: (token) => tokens.push(token),
      });
      await inTurns(analysis, signal);
      return { tokens, warnings: warnings.list() };
    },

    async encodeStyle(name, reference, signal) {
      return encodeStyle(await open(name, signal), reference, signal);
    },

    readiness(signal) {
      const load = (model: OpenModel) => frontEnds.all(model, signal);
      return Promise.all(models.map((name) => checkModel(host, name, load, signal)));
    },
  };
}

function isLong(utterances: readonly Utterance[]): boolean {
  if (utterances.length > PLANNED_AT_ONCE.utterances) return true;
  const phonemes = utterances.reduce((sum, one) => sum + one.phonemes.length, 0);
  return utterances.length > 1 && phonemes > PLANNED_AT_ONCE.phonemes;
}

function stagesFor(
  manifest: Manifest,
  speakers: readonly Speaker[],
  waveform: boolean,
  refineSteps: number,
): StageName[] {
  const stages: StageName[] = samplesStyles(manifest, speakers)
    ? ['style_denoiser', 'text_encoder']
    : ['text_encoder'];
  if (waveform) stages.push('prosody', 'mel_decoder', 'vocoder');
  if (waveform && refineSteps > 0) stages.push('mel_refiner');
  return stages;
}

/** Yields chunks until the signal aborts, then throws its reason. Leaves the scheduler at the end. */
async function* abortable(
  chunks: AsyncIterable<Float32Array>,
  timings: Timings,
  work: ScheduledWork,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  const started = performance.now();
  let outside = 0;
  try {
    for await (const chunk of chunks) {
      const handed = performance.now();
      yield chunk;
      signal?.throwIfAborted();
      outside += performance.now() - handed;
    }
    timings.render = performance.now() - started - outside;
  } finally {
    work.end();
  }
}

import { toFloat32Array, toInt16Array } from '../../audio/samples.ts';
import { masterWav } from '../../audio/transcode.ts';
import { SoriError } from '../../base/errors.ts';
import type { ModelInfo, Reference, Requester, Speech, SpeechRequest } from '../../engine/engine.ts';
import type { HostedEngine } from '../../engine/hosted/engine.ts';
import { decodeStyleId, encodeStyleId } from '../../synthesis/reference/style-id.ts';
import { isSsml } from '../../text/markup.ts';
import { garbage } from '../origin-answer.ts';
import { faultOf } from '../origin-error.ts';
import type { ListContext, OriginModels } from '../origin-models.ts';
import type { OriginPool } from '../origin-pool.ts';
import { alignmentOf } from './alignment.ts';
import { clonerOf } from './listed-cloner.ts';
import { receiveSpeech } from './speech-events.ts';

/** Milliseconds that an origin has for the first byte of its answer: it may have to load the model first. */
export const CLONING_ANSWER_MS = 60_000;
/** Input of more characters counts as long: MP3 of it states no length. */
const LONG_CHARACTERS = 300;

/** Options of {@link createCloningEngine}. */
export interface CloningEngineOptions {
  readonly pool: OriginPool;
  readonly models: OriginModels;
}

/** The cloning models of origins as an engine of an edge. */
export interface CloningEngine extends HostedEngine {
  /**
   * Finds a cloning model.
   * @returns `undefined` where origins have none of this name.
   * @throws {SoriError} `origin_unavailable`, `origin_failed`; the signal's reason.
   */
  find(name: string, context: ListContext): Promise<ModelInfo | undefined>;
}

/**
 * Speaks with the cloning models of origins. The vectors of the cloned voices are sent with each request, and an origin stores neither them nor the
 * audio, so any origin that has the model can answer. The audio is received whole, so it is not streamed.
 */
export function createCloningEngine({ pool, models }: CloningEngineOptions): CloningEngine {
  const find: CloningEngine['find'] = async (name, context) => clonerOf(await models.find(name, context));

  const model: CloningEngine['model'] = async (name, signal = new AbortController().signal) => {
    const found = await find(name, { signal });
    if (found) return found;
    const message = `There is no model '${name}': neither this server has it, nor do its origins clone voices with it.`;
    throw new SoriError('unknown_model', message, { param: 'model' });
  };

  const forward = async (
    path: string,
    init: RequestInit,
    type: string,
    asking: Asking,
  ): Promise<Response> => {
    const response = await pool.forward(new Request(`http://origin${path}`, { method: 'POST', ...init }), {
      ...asking,
      answerMs: CLONING_ANSWER_MS,
      accepts: (given) => given.startsWith(type),
      // The origin stores nothing, so a second attempt does no harm.
      repeatable: true,
    });
    if (!response.ok || response.body === null) throw await faultOf(response);
    return response;
  };

  const speak = async (
    request: SpeechRequest,
    signal = new AbortController().signal,
    requester?: Requester,
  ): Promise<Speech> => {
    const info = await model(request.model, signal);
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify(bodyOf(request, info));
    const asking = { signal, caller: requester?.client };
    const started = performance.now();
    const response = await forward('/v1/audio/speech', { headers, body }, 'text/event-stream', asking);
    const { pieces, cues, warnings } = await receiveSpeech(response.body!);
    const totalSamples = pieces.reduce((sum, { length }) => sum + length, 0);
    return {
      totalSamples,
      long: Array.from(request.input).length > LONG_CHARACTERS,
      timings: { origin: performance.now() - started },
      chunks: chunksOf(pieces),
      warnings,
      alignment: alignmentOf({ cues }, totalSamples),
    };
  };

  return {
    // Unknown names are looked up at the origins; the lists of models and voices have those of origins anyway.
    names: [],
    models: async () => [],
    find,
    model,
    speak,
    async align(request, signal, requester) {
      const { alignment, warnings, totalSamples = 0 } = await speak(request, signal, requester);
      if (alignment.phonemes.length > 0) return { alignment, warnings, totalSamples };
      const message = `'${request.model}' returns no timestamps: its graph has no durations.`;
      throw new SoriError('conflicting_parameters', message, { param: 'model' });
    },
    // The text is read where it is spoken.
    review: async (request, signal) => (await speak(request, signal)).warnings,
    async encodeStyle(name, { samples }: Reference, signal = new AbortController().signal) {
      const { id, styleSpace } = await model(name, signal);
      const headers = { 'Content-Type': 'application/octet-stream' };
      const body = Uint8Array.from(masterWav(toInt16Array(samples)));
      const path = `/v1/styles?${new URLSearchParams({ model: id })}`;
      const response = await forward(path, { headers, body }, 'application/json', { signal });
      const { id: style } = (await response.json()) as { id?: unknown };
      if (typeof style !== 'string') throw garbage('It answered without a style.');
      return decodeStyleId(style, styleSpace);
    },
  };
}

interface Asking {
  readonly signal: AbortSignal;
  readonly caller?: string;
}

/** The body of a speech request to an origin. `clones` is a field between servers, which an origin takes from its edges only. */
function bodyOf(request: SpeechRequest, { styleSpace }: ModelInfo): Record<string, unknown> {
  const { style, clones = {}, voice, input } = request;
  const styles = Object.entries(clones).map(([id, vector]) => [id, encodeStyleId(vector, styleSpace)]);
  return {
    model: request.model,
    input,
    ...(style ? { style: encodeStyleId(style, styleSpace) } : { voice }),
    clones: Object.fromEntries(styles),
    language: request.language,
    speed: request.speed,
    seed: request.seed,
    energy: request.energy,
    pauses: request.pauses,
    strict: request.strict,
    unreadable: request.unreadable,
    pronunciations: request.pronunciations,
    // An origin refuses those that the model does not have.
    pitch: request.pitch,
    pitch_range: request.pitchRange,
    emotion: request.emotion,
    alpha: request.alpha,
    beta: request.beta,
    diffusion_steps: request.diffusionSteps,
    embedding_scale: request.embeddingScale,
    refine_steps: request.refineSteps,
    response_format: 'pcm',
    stream_format: 'sse',
    timestamps: ['word', 'phoneme', 'sentence', ...(isSsml(input) ? ['mark'] : [])],
  };
}

async function* chunksOf(pieces: readonly Int16Array[]): AsyncGenerator<Float32Array> {
  for (const piece of pieces) yield toFloat32Array(piece);
}

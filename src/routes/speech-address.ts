import { speechKey, vectorHash } from '../delivery/cache-key.ts';
import { canonicalText } from '../delivery/canonical-text.ts';
import type { ModelInfo, SpeechEngine, SpeechRequest } from '../engine/engine.ts';
import { SYNTHESIS_REVISION } from '../pipeline/revision.ts';
import type { AppDependencies } from './context.ts';
import { resolveModelName } from './openai-names.ts';
import { bytesOfDataUrl, styleOf } from './references.ts';
import { speechRequest } from './speech-request.ts';
import type { SpeechBody } from './speech-schema.ts';

/** Speech that is understood, and so has its place in the library. */
export interface AddressedSpeech {
  /** Cache key: 64 hex digits. */
  readonly key: string;
  readonly model: ModelInfo;
  /** What the engine is to speak: the canonical text, of no stated length. */
  readonly request: SpeechRequest;
  readonly body: SpeechBody;
}

/**
 * Understands a checked body and computes its cache key. Nothing is synthesized.
 * @throws {SoriError} as `speechRequest` does; `unknown_model`, `model_unavailable`.
 */
export async function addressSpeech(
  { engine }: AppDependencies,
  body: SpeechBody,
  signal: AbortSignal,
): Promise<AddressedSpeech> {
  const model = await engine.model(resolveModelName(engine.names, body.model), signal);
  const request = await speechRequest(
    model,
    { ...body, input: canonicalText(body.input) },
    {
      exactLength: false,
      encodeReference: async (url) => {
        const reference = { wav: bytesOfDataUrl(url), param: 'style' };
        return (await styleOf(engine, model.id, reference, signal)).style;
      },
    },
  );
  const { exactLength: _, style, ...parameters } = request;
  const key = await speechKey({
    ...parameters,
    style: style && (await vectorHash(style)),
    loudness: body.loudness,
    edition: editionOf(engine, model),
  });
  return { key, model, request, body };
}

/**
 * What besides a request decides its cache key: the model, and the code and the arithmetic that speak. Changes whenever keys do.
 * @param name a model, by any name that it goes by.
 * @throws {SoriError} `unknown_model`, `model_unavailable`.
 */
export async function modelEdition(
  { engine }: AppDependencies,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  return editionOf(engine, await engine.model(resolveModelName(engine.names, name), signal));
}

function editionOf({ build }: SpeechEngine, { fingerprint }: ModelInfo): string {
  return `${fingerprint}.${SYNTHESIS_REVISION}.${build}`;
}

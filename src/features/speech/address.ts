import type { ModelInfo, SpeechEngine, SpeechRequest } from '../../engine/engine.ts';
import { speechKey, vectorHash } from '../../library/cache-key.ts';
import { SYNTHESIS_REVISION } from '../../synthesis/revision.ts';
import { MARK_REVISION, type Privacy } from '../delivery/index.ts';
import { canonicalText } from './canonical-text.ts';
import { type NamedClones, namedClones } from './cloned-voices.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { resolveModelName } from './openai-names.ts';
import { bytesOfDataUrl, styleOf } from './references.ts';
import { speechRequest } from './request.ts';
import type { SpeechBody } from './schema.ts';

/** Speech that is understood, and so has its place in the library. */
export interface AddressedSpeech {
  /** Cache key: 64 hex digits. */
  readonly key: string;
  /** What its key is on a server of another {@link modelEdition}. */
  readonly keyUnder: (edition: string) => Promise<string>;
  readonly model: ModelInfo;
  /** What the engine is to speak: the canonical text, of no stated length. */
  readonly request: SpeechRequest;
  readonly body: SpeechBody;
  /** Of speech with cloned voices, which is its owner's alone. */
  readonly privacy?: Privacy;
}

/**
 * Understands a checked body and computes its cache key. Nothing is synthesized.
 * @throws {SoriError} as `speechRequest` and `namedClones` do; `unknown_model`, `model_unavailable`.
 */
export async function addressSpeech(
  deps: SpeechDependencies,
  body: SpeechBody,
  signal: AbortSignal,
): Promise<AddressedSpeech> {
  const { engine } = deps;
  const model = await engine.model(resolveModelName(engine.names, body.model), signal);
  const clones = await namedClones(deps, model, body);
  const request = await speechRequest(
    model,
    { ...body, input: canonicalText(body.input) },
    {
      exactLength: false,
      clones,
      encodeReference: async (url) => {
        const reference = { wav: bytesOfDataUrl(url), param: 'style' };
        return (await styleOf(engine, model.id, reference, signal)).style;
      },
    },
  );
  const { exactLength: _, style, clones: vectors, ...parameters } = request;
  const decisive = {
    ...parameters,
    style: style && (await vectorHash(style)),
    clones: vectors && (await hashesOf(vectors)),
    marked: vectors && MARK_REVISION,
    loudness: body.loudness,
  };
  const keyUnder = (edition: string) => speechKey({ ...decisive, edition });
  const key = await keyUnder(editionOf(engine, model));
  return { key, keyUnder, model, request, body, privacy: privacyOf(deps, clones) };
}

function privacyOf({ owner }: SpeechDependencies, clones: NamedClones): Privacy | undefined {
  if (clones.size === 0 || owner === undefined) return undefined;
  return { owner, clones: [...clones.keys()].sort() };
}

async function hashesOf(vectors: Readonly<Record<string, Float32Array>>): Promise<Record<string, string>> {
  const hashes = Object.entries(vectors).map(async ([id, vector]) => [id, await vectorHash(vector)] as const);
  return Object.fromEntries(await Promise.all(hashes));
}

/**
 * What besides a request decides its cache key: the model, and the code and the arithmetic that speak. Changes whenever keys do.
 * @param name a model, by any name that it goes by.
 * @throws {SoriError} `unknown_model`, `model_unavailable`.
 */
export async function modelEdition(
  { engine }: SpeechDependencies,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  return editionOf(engine, await engine.model(resolveModelName(engine.names, name), signal));
}

function editionOf({ build }: SpeechEngine, { fingerprint }: ModelInfo): string {
  return `${fingerprint}.${SYNTHESIS_REVISION}.${build}`;
}

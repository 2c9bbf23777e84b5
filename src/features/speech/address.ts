import type { ModelInfo, Requester, Speech, SpeechEngine, SpeechRequest } from '../../engine/engine.ts';
import { speechKey, vectorHash } from '../../library/cache-key.ts';
import type { Work } from '../../placement/cost.ts';
import { SYNTHESIS_REVISION } from '../../synthesis/revision.ts';
import { MARK_REVISION, type Privacy } from '../delivery/index.ts';
import { canonicalText } from './canonical-text.ts';
import type { SpeechDependencies } from './dependencies.ts';
import { requireOrigin } from './placement/require-origin.ts';
import { speechRequest } from './request.ts';
import type { SpeechBody } from './schema.ts';
import { type NamedClones, namedClones } from './voices/cloned-voices.ts';
import { modelNamed } from './voices/model-named.ts';
import { bytesOfDataUrl, styleOf } from './voices/references.ts';

/** A validated speech request with its cache key. */
export interface AddressedSpeech {
  /** Cache key: 64 hex digits. */
  readonly key: string;
  /** Computes the cache key that a server of another {@link modelEdition} uses. */
  readonly keyUnder: (edition: string) => Promise<string>;
  readonly model: ModelInfo;
  /** The engine's request, with the canonical text. */
  readonly request: SpeechRequest;
  readonly body: SpeechBody;
  /** Set for speech with cloned voices, which only its owner may use. */
  readonly privacy?: Privacy;
  /** Replaces the engine's `speak`; used for singing. */
  readonly synthesize?: (signal: AbortSignal, requester: Requester) => Promise<Speech>;
  /** Length of the audio, where it is known before the synthesis. */
  readonly seconds?: number;
  /** Its work, for the placement; default: that of its body. Singing has it. */
  readonly work?: Work;
  /** The request that an origin makes it from; default: its body, to `/v1/audio/speech`. Singing has it. */
  readonly atOrigin?: { readonly path: string; readonly fields: Readonly<Record<string, unknown>> };
}

/**
 * Resolves a validated body and computes its cache key. Nothing is synthesized.
 * @throws {SoriError} as `speechRequest` and `namedClones` do; `unknown_model`, `model_unavailable`; `origin_unavailable` and `origin_failed`
 *   for a model that only origins have.
 */
export async function addressSpeech(
  deps: SpeechDependencies,
  body: SpeechBody,
  signal: AbortSignal,
): Promise<AddressedSpeech> {
  const { engine } = deps;
  requireOrigin(deps, body);
  const model = await modelNamed(deps, body.model, signal);
  const clones = await namedClones(deps, model, body);
  const request = await speechRequest(
    model,
    { ...body, input: canonicalText(body.input) },
    {
      exactLength: false,
      clones,
      encodeReference: async (url) => {
        const reference = { bytes: bytesOfDataUrl(url), param: 'style' };
        return (await styleOf(engine, model.id, reference, signal)).style;
      },
    },
  );
  const privacy = privacyOf(deps, clones);
  const { exactLength: _, style, clones: vectors, ...parameters } = request;
  const decisive = {
    ...parameters,
    style: style && (await vectorHash(style)),
    clones: vectors && (await hashesOf(vectors)),
    marked: privacy && MARK_REVISION,
    loudness: body.loudness,
  };
  const keyUnder = (edition: string) => speechKey({ ...decisive, edition });
  const key = await keyUnder(editionOf(engine, model));
  return { key, keyUnder, model, request, body, privacy };
}

/** Clones that an edge has sent are private there, and what is made with them is not stored here. */
function privacyOf({ owner, sentClones }: SpeechDependencies, clones: NamedClones): Privacy | undefined {
  if (clones.size === 0 || owner === undefined || sentClones !== undefined) return undefined;
  return { owner, clones: [...clones.keys()].sort() };
}

async function hashesOf(vectors: Readonly<Record<string, Float32Array>>): Promise<Record<string, string>> {
  const hashes = Object.entries(vectors).map(async ([id, vector]) => [id, await vectorHash(vector)] as const);
  return Object.fromEntries(await Promise.all(hashes));
}

/**
 * The part of a cache key that does not depend on the request: model, revision of the synthesis, and arithmetic.
 * @param name any name of a model.
 * @throws {SoriError} `unknown_model`, `model_unavailable`.
 */
export async function modelEdition(
  deps: SpeechDependencies,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  return editionOf(deps.engine, await modelNamed(deps, name, signal));
}

function editionOf({ build }: SpeechEngine, { fingerprint }: ModelInfo): string {
  return `${fingerprint}.${SYNTHESIS_REVISION}.${build}`;
}

import { type AudioFormatId, FORMAT_INFO } from '../../../audio/format.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { SoriError } from '../../../base/errors.ts';
import type { AudioMeta } from '../../../library/store.ts';
import type { Work } from '../../../placement/cost.ts';
import { answerMsOf } from '../../../placement/forward.ts';
import { garbage, unavailable } from '../../../placement/origin-answer.ts';
import { faultOf } from '../../../placement/origin-error.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import {
  type AddressedSpeech,
  type BakedSpeech,
  type BakeOptions,
  makeOrJoin,
  requireLibrary,
} from '../bake.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { charactersOf } from '../make-speech.ts';
import { keepFromOrigin } from './keep.ts';
import { openKept, originKeys } from './kept.ts';
import { keyIn } from './speak.ts';

/** Largest encoded file that is transferred; larger ones are encoded here from the master. */
const MOST_FORMAT_BYTES = 8 * 1024 * 1024;

/** Options of {@link bakeAtOrigin}. */
export interface OriginBakeOptions extends Required<BakeOptions> {
  readonly pool: OriginPool;
  readonly work: Work;
  /** Id of the caller. */
  readonly caller: string;
  readonly requestId: string;
  /** ms until the first byte must be there; default: as for an answer that somebody waits for. */
  readonly answerMs?: number;
  /** Most bytes of a recording that are fetched; default: what fits into an isolate together with other work. */
  readonly mostBytes?: number;
}

/**
 * Synthesizes speech at an origin and stores it with its formats here, under the origin's key. Requests
 * for the same speech wait for it.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`; `not_configured` for speech that is too long to transfer;
 *   the origin's error, and errors of the quota.
 */
export async function bakeAtOrigin(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  options: OriginBakeOptions,
): Promise<BakedSpeech> {
  const library = requireLibrary(deps);
  const keys = await originKeys(options.pool, speech, true);
  if (keys.length === 0) throw unavailable('None says under which key it keeps audio.');
  // A key that no audio has; it identifies this request.
  const name = `${speech.key}@origin`;
  const { cache } = await makeOrJoin(library, name, options.signal, () =>
    library.flights.start(
      name,
      0,
      async (signal) => {
        const meta = await made(deps, speech, formats, keys, { ...options, signal });
        return { pieces: NO_PIECES, finish: async () => meta };
      },
      options.keepAlive,
    ),
  );
  const kept = await openKept(library, keys, 'wav');
  if (kept === undefined) throw unavailable('What it made is not to be found here.');
  const { key, audio } = kept;
  if (audio.body instanceof ReadableStream) await audio.body.cancel();
  for (const format of formats) await library.head(key, format);
  return { key, meta: audio.meta, cache };
}

const NO_PIECES: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
};

/** The first request pays. */
async function made(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  keys: readonly string[],
  options: OriginBakeOptions,
): Promise<AudioMeta> {
  const { quota, signal } = options;
  const characters = charactersOf(speech.body);
  await quota.reserve(characters);
  let paid = false;
  try {
    const [format = 'opus'] = formats;
    const { key, cache, origin, bytes } = await ask(speech, format, options);
    // Accept only an expected key: audio under another one would never be found.
    if (key === undefined || !keys.includes(key)) throw garbage(`It keeps this as ${key}.`);
    const { pool, caller, keepAlive, mostBytes } = options;
    const library = requireLibrary(deps);
    const ready = bytes && new Map([[format, bytes]]);
    const meta = await keepFromOrigin({
      library,
      pool,
      origin,
      key,
      caller,
      signal,
      ready,
      keepAlive,
      needed: true,
      mostBytes,
    });
    if (meta === undefined) throw tooLong();
    paid = cache === 'miss';
    return meta;
  } finally {
    // Stored speech and failed requests cost nothing.
    if (!paid && !signal.aborted) quota.refund(characters);
  }
}

async function ask(
  { body, model, atOrigin }: AddressedSpeech,
  format: AudioFormatId,
  { pool, work, caller, requestId, signal, keepAlive, answerMs = answerMsOf(work) }: OriginBakeOptions,
) {
  // Send the resolved name, because the origin's default may differ.
  const { path, fields } = atOrigin ?? { path: '/v1/audio/speech', fields: body };
  const { timestamps: _, audio_format: __, stream_format: ___, ...asked } = fields as Record<string, unknown>;
  const request = new Request(`http://origin${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify({ ...asked, model: model.id, response_format: format }),
  });
  const type = FORMAT_INFO[format].contentType.split(';')[0];
  let origin = '';
  const response = await pool.forward(request, {
    signal,
    caller,
    answerMs,
    accepts: (given) => given.startsWith(type),
    repeatable: true,
    keepAlive,
    onAnswer: (url) => {
      origin = url;
    },
  });
  if (!response.ok) throw await faultOf(response);
  const bytes = await readBytes(response);
  return { key: keyIn(response.headers), cache: response.headers.get('x-cache'), origin, bytes };
}

/** Reads the whole answer and keeps it unless it is long. */
async function readBytes({ body }: Response): Promise<Uint8Array | undefined> {
  let pieces: Uint8Array[] | undefined = [];
  let length = 0;
  try {
    for await (const piece of body ?? []) {
      length += piece.length;
      if (length > MOST_FORMAT_BYTES) pieces = undefined;
      pieces?.push(piece);
    }
  } catch (cause) {
    if (cause instanceof SoriError) throw cause;
    throw garbage('It broke off.', cause);
  }
  return pieces && concatBytes(pieces);
}

function tooLong(): SoriError {
  const message =
    'This speech is made by an origin, and too long to be brought here: its operator can give both the same bucket, or make it a job.';
  return new SoriError('not_configured', message);
}

import { statedLength } from '../../../audio/encoders/stated-length.ts';
import type { AudioFormatId } from '../../../audio/format.ts';
import { readMasterWav } from '../../../audio/transcode.ts';
import { SoriError } from '../../../base/errors.ts';
import { sha256Hex } from '../../../base/sha256.ts';
import type { AudioLibrary } from '../../../library/library.ts';
import type { AudioMeta } from '../../../library/store.ts';
import { garbage } from '../../../placement/origin-answer.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { etagOf, readMeta } from '../../delivery/index.ts';

/** Largest master that is transferred, about seven minutes, because it is held in memory. Longer ones stay at the origin. */
const MOST_MASTER_BYTES = 20 * 1024 * 1024;
/** ms that an origin has to store new audio. */
const STORED_MS = 30_000;

/** New audio of an origin. */
export interface MadeElsewhere {
  readonly library: AudioLibrary;
  readonly pool: OriginPool;
  /** The origin's address. */
  readonly origin: string;
  readonly key: string;
  /** Id of the caller it was made for. */
  readonly caller: string;
  readonly signal: AbortSignal;
  /** Formats that were already transferred. */
  readonly ready?: ReadonlyMap<AudioFormatId, Uint8Array>;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Whether it must be stored here. Otherwise it stays at the origin if memory is short. Default: no. */
  readonly needed?: boolean;
  /** Bytes of a recording that are brought here; default: {@link MOST_MASTER_BYTES}. */
  readonly mostBytes?: number;
}

/**
 * Makes sure that an origin's audio is in the library under the origin's key. With a shared bucket it is already there;
 * otherwise its master is transferred, from which every format can be encoded.
 * @returns `undefined` for audio that is too long, or too long at the moment.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`, `storage_unavailable`; the signal's reason.
 */
export async function keepFromOrigin(made: MadeElsewhere): Promise<AudioMeta | undefined> {
  const { library, key, signal, needed = false, mostBytes = MOST_MASTER_BYTES } = made;
  // The origin answers when it has stored the audio.
  const { meta, size } = await ask(made, 'HEAD', async () => undefined);
  const stored = await library.head(key, 'wav');
  if (stored !== null) return stored.meta;
  if (size > mostBytes) return undefined;
  const known = library.flights.find(key);
  if (!needed && known === undefined && !library.flights.hasRoom(size)) return undefined;
  const flight = known ?? library.flights.start(key, size, async () => bringing(made), made.keepAlive);
  await flight.whole(signal, known === undefined);
  return meta;
}

/** Other requests for this audio wait for the transfer. */
function bringing(made: MadeElsewhere) {
  const { library, key, ready } = made;
  return {
    pieces: NO_PIECES,
    async finish(): Promise<AudioMeta> {
      const { meta, etag, body: wav } = await ask(made, 'GET', (response) => response.bytes());
      const samples = samplesOf(wav);
      const right = samples?.length === meta.samples && etagOf(await sha256Hex(wav)) === etag;
      if (samples === undefined || !right) throw garbage(`It keeps something else as ${key} than it says.`);
      await library.adopt(key, wav, meta, filesOf(ready, meta));
      return meta;
    },
  };
}

/** The streamed audio and its length. */
function filesOf(ready: MadeElsewhere['ready'], { samples }: AudioMeta): Map<AudioFormatId, Uint8Array> {
  const files = new Map<AudioFormatId, Uint8Array>();
  for (const [format, bytes] of ready ?? []) {
    const file = statedLength(format, bytes, samples);
    if (file) files.set(format, file);
  }
  return files;
}

function samplesOf(wav: Uint8Array): Int16Array | undefined {
  try {
    return readMasterWav(wav);
  } catch {
    return undefined;
  }
}

/** A transfer has no stream. */
const NO_PIECES: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
};

/** Requests the master from its origin. */
async function ask<T>(
  { pool, origin, key, caller, signal, mostBytes = MOST_MASTER_BYTES }: MadeElsewhere,
  method: 'GET' | 'HEAD',
  read: (response: Response) => Promise<T>,
): Promise<{ meta: AudioMeta; etag: string | null; size: number; body: T }> {
  let headers = new Headers();
  const response = await pool.forward(new Request(`http://origin/audio/${key}.wav`, { method }), {
    signal,
    caller,
    only: origin,
    answerMs: STORED_MS,
    accepts: (type) => type.startsWith('audio/'),
    onAnswer: (_, received) => (headers = received),
  });
  const meta = readMeta(headers);
  const size = Number(headers.get('content-length'));
  const large = method === 'GET' && size > mostBytes;
  if (!response.ok || meta === undefined || size === 0 || large) {
    await response.body?.cancel().catch(() => {});
    const message = 'The origin has not stored the audio that it made; try again.';
    throw new SoriError('origin_failed', message, { cause: new Error(`${response.status} for ${key}.`) });
  }
  try {
    return { meta, etag: headers.get('etag'), size, body: await read(response) };
  } catch (cause) {
    signal.throwIfAborted();
    throw garbage(`It broke off with ${key}.`, cause);
  }
}

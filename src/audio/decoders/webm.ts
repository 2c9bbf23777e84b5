import { concatBytes } from '../../base/bytes.ts';
import { FileFault, type PackedTrack, UnreadFault } from './track.ts';

/** Elements of Matroska (RFC 9559) that are read. */
const SEGMENT = 0x1853_8067;
const TRACKS = 0x1654_ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const CONTENT_ENCODINGS = 0x6d80;
const CLUSTER = 0x1f43_b675;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
/** Their contents are read as elements. Segments and clusters may be of unknown length. */
const MASTERS: ReadonlySet<number> = new Set([SEGMENT, TRACKS, TRACK_ENTRY, CLUSTER, BLOCK_GROUP]);

const SOUND = 2;
const LACED = 6;
/** Elements between two packets before others get a turn. */
const ELEMENTS_AT_ONCE = 4096;

interface Element {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

interface TrackEntry {
  number?: number;
  type?: number;
  codec?: string;
  secret?: Uint8Array;
  encoded?: boolean;
}

/**
 * Reads the first track of sound of a WebM or Matroska file.
 * @throws {FileFault} when it is damaged or has no such track; {@link UnreadFault}.
 */
export function webmTrack(bytes: Uint8Array): PackedTrack {
  const entries: TrackEntry[] = [];
  let passed = 0;
  for (const { id, from, to } of elements(bytes)) {
    if (id === CLUSTER || ++passed > ELEMENTS_AT_ONCE) break;
    const entry = entries.at(-1);
    const data = bytes.subarray(from, to);
    if (id === TRACK_ENTRY) entries.push({});
    else if (entry === undefined) continue;
    else if (id === TRACK_NUMBER) entry.number = number(data);
    else if (id === TRACK_TYPE) entry.type = number(data);
    else if (id === CODEC_ID) entry.codec = String.fromCharCode(...data.subarray(0, 40));
    else if (id === CODEC_PRIVATE) entry.secret = data;
    else if (id === CONTENT_ENCODINGS) entry.encoded = true;
  }
  const entry = entries.find(({ type }) => type === SOUND);
  if (entry?.number === undefined) throw new FileFault('it has no audio track');
  if (entry.encoded) throw new UnreadFault('its audio is compressed or encrypted');
  return { ...codecOf(entry), packets: blocks(bytes, entry.number) };
}

function codecOf({
  codec = '',
  secret = new Uint8Array(0),
}: TrackEntry): Pick<PackedTrack, 'codec' | 'config'> {
  if (codec === 'A_OPUS') return { codec: 'opus', config: secret };
  if (codec === 'A_MPEG/L3') return { codec: 'mp3', config: new Uint8Array(0) };
  if (codec === 'A_AAC') return { codec: 'aac', config: secret };
  if (codec === 'A_VORBIS') return { codec: 'vorbis', config: vorbisHeaders(secret) };
  throw new UnreadFault(`its codec (${codec.replaceAll(/[^\x20-\x7e]/g, '?')}) is not supported`);
}

/** Three headers behind their number less one and the lengths of the first two, each a row of bytes that ends below 255. */
function vorbisHeaders(secret: Uint8Array): Uint8Array {
  if (secret[0] !== 2) throw new FileFault('its Vorbis has no configuration');
  let at = 1;
  const lengths = [0, 0].map((start) => {
    let sum = start;
    for (let byte = 255; byte === 255; at++) {
      byte = secret[at] ?? 0;
      sum += byte;
    }
    return sum;
  });
  const [first, second] = lengths;
  return concatBytes([secret.subarray(at, at + first), secret.subarray(at + first + second)]);
}

function* blocks(bytes: Uint8Array, track: number): Generator<Uint8Array> {
  let passed = 0;
  for (const { id, from, to } of elements(bytes)) {
    if (++passed % ELEMENTS_AT_ONCE === 0) yield bytes.subarray(0, 0);
    if (id !== BLOCK && id !== SIMPLE_BLOCK) continue;
    const { value, length } = variable(bytes, from, true);
    if (value !== track) continue;
    // The track's number, two bytes of time, flags.
    const data = from + length + 3;
    if (data > to) throw new FileFault('a block is cut');
    if ((bytes[data - 1] & LACED) !== 0)
      throw new UnreadFault('its blocks contain several packets (lacing), which is not supported');
    yield bytes.subarray(data, to);
  }
}

/** All elements in their order, those inside of others too. */
function* elements(bytes: Uint8Array): Generator<Element> {
  for (let at = 0; at < bytes.length; ) {
    const id = variable(bytes, at, false);
    const size = variable(bytes, at + id.length, true);
    const from = at + id.length + size.length;
    const unknown = size.value === 2 ** (7 * size.length) - 1;
    const master = MASTERS.has(id.value);
    // A cut last cluster is read up to its last whole block.
    const to = unknown ? bytes.length : from + size.value;
    if (!master && (unknown || to > bytes.length)) throw new FileFault('it is cut');
    yield { id: id.value, from, to };
    at = master ? from : to;
  }
}

/** A number whose first byte contains its length. */
function variable(bytes: Uint8Array, at: number, masked: boolean): { value: number; length: number } {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > bytes.length) throw new FileFault('it is cut');
  let value = masked ? first & (0xff >> length) : first;
  for (let n = 1; n < length; n++) value = value * 256 + bytes[at + n];
  return { value, length };
}

function number(data: Uint8Array): number {
  return data.subarray(0, 8).reduce((sum, byte) => sum * 256 + byte, 0);
}

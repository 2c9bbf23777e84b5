import { ascii, concatBytes } from '../../base/bytes.ts';
import { SAMPLE_RATE } from '../samples.ts';
import type { AudioTags } from '../tags/types.ts';
import { vorbisComments } from '../tags/vorbis.ts';
import { OggWriter } from './ogg.ts';

/** Samples at 24 kHz in a packet: 20 ms. */
export const OPUS_FRAME = 480;
/** Ogg Opus counts time in samples at 48 kHz (RFC 7845, section 4). */
const GRANULES_PER_SAMPLE = 48_000 / SAMPLE_RATE;
/** A page holds 200 ms, so the container delays a stream by at most 200 ms. */
export const PACKETS_PER_PAGE = 10;
/** Serial number of every stream. It is constant, so the same speech gives the same bytes. ASCII "Sori". */
const SERIAL = 0x536f_7269;

/**
 * Wraps Opus packets of 20 ms, mono, in an Ogg file (RFC 7845). Players drop the first `lookahead` samples (pre-skip) and those after the
 * last page's granule position, so exactly the samples of the input are played.
 */
export class OggOpusWriter {
  readonly #ogg: OggWriter;
  readonly #lookahead: number;
  #packets = Number.POSITIVE_INFINITY;
  #end = 0;
  #pages: Uint8Array[];
  #packet: number;
  #onPage = 0;

  /**
   * @param lookahead samples at 24 kHz by which the encoder lags behind its input; at least 1.
   * @param packet packets that are written already, on whole pages: a multiple of {@link PACKETS_PER_PAGE}.
   */
  constructor(lookahead: number, tags?: AudioTags, packet = 0) {
    this.#lookahead = lookahead;
    this.#packet = packet;
    // The first two pages are headers.
    this.#ogg = new OggWriter(SERIAL, packet === 0 ? 0 : 2 + packet / PACKETS_PER_PAGE);
    this.#pages = [];
    if (packet > 0) return;
    this.#ogg.add(head(lookahead * GRANULES_PER_SAMPLE));
    this.#pages = [this.#ogg.flush({ granule: 0 })];
    this.#ogg.add(comments(tags));
    this.#pages.push(this.#ogg.flush({ granule: 0 }));
  }

  /**
   * Sets the stream's length, at the latest before its last packet. The last samples are in that packet because of the lookahead, so there
   * is always one more packet to come.
   * @param totalSamples at 24 kHz.
   * @returns packets that the stream takes in all.
   */
  end(totalSamples: number): number {
    this.#end = (totalSamples + this.#lookahead) * GRANULES_PER_SAMPLE;
    this.#packets = Math.ceil((totalSamples + this.#lookahead) / OPUS_FRAME);
    return this.#packets;
  }

  /** Adds the next packet. */
  add(packet: Uint8Array): void {
    if (!this.#ogg.fits(packet.length)) this.#flush();
    this.#ogg.add(packet);
    this.#packet++;
    this.#onPage++;
    if (this.#onPage === PACKETS_PER_PAGE || this.#packet === this.#packets) this.#flush();
  }

  /** @returns the pages that are complete and were not taken yet. */
  take(): Uint8Array {
    const bytes = concatBytes(this.#pages);
    this.#pages = [];
    return bytes;
  }

  #flush(): void {
    const last = this.#packet === this.#packets;
    const granule = last ? this.#end : this.#packet * OPUS_FRAME * GRANULES_PER_SAMPLE;
    this.#pages.push(this.#ogg.flush({ granule, last }));
    this.#onPage = 0;
  }
}

/** OpusHead, version 1: one channel, mapping family 0, no gain (RFC 7845, section 5.1). */
function head(preSkip: number): Uint8Array {
  const packet = new Uint8Array(19);
  const view = new DataView(packet.buffer);
  packet.set(ascii('OpusHead'));
  packet[8] = 1;
  packet[9] = 1;
  view.setUint16(10, preSkip, true);
  view.setUint32(12, SAMPLE_RATE, true);
  return packet;
}

/** OpusTags with the encoder's name (RFC 7845, section 5.2). */
function comments(tags: AudioTags | undefined): Uint8Array {
  return concatBytes([ascii('OpusTags'), vorbisComments('libopus, Sori', tags)]);
}

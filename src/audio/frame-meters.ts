import { AAC_FRAME } from './codecs/aac.ts';
import { Mp4Bytes } from './decoders/mp4-boxes.ts';
import { FileFault } from './decoders/track.ts';

/** Reads a file's headers byte by byte, in pieces of any size, and skips what is between them. */
abstract class HeaderReader {
  /** Bytes until the next header begins. */
  protected skip = 0;
  /** Nothing is read after a header that can't be right. */
  protected damaged = false;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.damaged; ) {
      const skipped = Math.min(this.skip, bytes.length - at);
      this.skip -= skipped;
      at += skipped;
      if (at < bytes.length) this.read(bytes[at++]);
    }
  }

  /** Takes the next byte of a header. */
  protected abstract read(byte: number): void;
}

/** Counts the frames of an ADTS stream (ISO 14496-3, section 1.A.2) after an ID3 tag, if there is one. */
export class AdtsFrames extends HeaderReader {
  /** The header that has begun: an ID3 tag's has 10 bytes, a frame's 7. */
  #header: number[] = [];
  #frames = 0;

  protected override read(byte: number): void {
    const header = this.#header;
    header.push(byte);
    const tagged = header[0] === 0x49;
    if (header.length < (tagged ? 10 : 7)) return;
    if (tagged) this.skip = (header[6] << 21) + (header[7] << 14) + (header[8] << 7) + header[9];
    else {
      this.damaged = header[0] !== 0xff || header[1] !== 0xf1;
      this.skip = ((header[3] & 3) << 11) + (header[4] << 3) + (header[5] >> 5) - 7;
      this.#frames++;
    }
    this.#header = [];
  }

  /** The first frame is silence. */
  ms(): number | undefined {
    if (this.damaged || this.#frames === 0) return undefined;
    return ((this.#frames - 1) * AAC_FRAME) / 24;
  }
}

/** Maximum size of the boxes that are read: the header of a fragment has some 200 bytes. */
const MOST_MOOF = 65_536;
const BOX_HEAD = 8;
/** Flag of a run whose frames have their own durations. */
const DURATIONS = 0x100;

/** Adds up the fragments of our M4A files (ISO/IEC 14496-12, section 8.8). */
export class Mp4Fragments extends HeaderReader {
  /** The box that has begun, as far as it is needed. */
  #box: number[] = [];
  #samples = 0;
  #boxes = 0;

  protected override read(byte: number): void {
    const box = this.#box;
    box.push(byte);
    if (box.length < BOX_HEAD) return;
    const size = ((box[0] << 24) | (box[1] << 16) | (box[2] << 8) | box[3]) >>> 0;
    const type = String.fromCharCode(...box.slice(4, BOX_HEAD));
    if (box.length === BOX_HEAD) {
      this.damaged =
        size < BOX_HEAD || (this.#boxes === 0 && type !== 'ftyp') || (type === 'moof' && size > MOST_MOOF);
      this.#boxes++;
    }
    if (type === 'moof' && box.length < size) return;
    if (type === 'moof') this.#add(Uint8Array.from(box));
    else this.skip = size - BOX_HEAD;
    this.#box = [];
  }

  #add(moof: Uint8Array): void {
    try {
      this.#samples += durationOf(moof);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      this.damaged = true;
    }
  }

  /** The first frame is silence. */
  ms(): number | undefined {
    if (this.damaged || this.#samples === 0) return undefined;
    return (this.#samples - AAC_FRAME) / 24;
  }
}

/**
 * Samples of a fragment.
 * @throws {FileFault} when it is damaged.
 */
function durationOf(moof: Uint8Array): number {
  const file = new Mp4Bytes(moof);
  const run = file.find({ from: 0, to: moof.length }, 'moof', 'traf', 'trun');
  if (run === undefined || (file.u32(run.from) & DURATIONS) === 0) return 0;
  // Each frame has 4 bytes of duration and 4 of size.
  const first = run.from + 12;
  const frames = Array.from({ length: file.u32(run.from + 4) }, (_, n) => file.u32(first + 8 * n));
  return frames.reduce((sum, samples) => sum + samples, 0);
}

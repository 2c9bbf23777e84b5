import { FileFault } from './track.ts';

/** A box of an MP4 file (ISO/IEC 14496-12): its contents are `bytes[from, to)`. */
export interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** Reads numbers of an MP4 file, none of them outside of a part of it. */
export class Mp4Bytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @throws {FileFault} beyond the file. */
  u8(at: number): number {
    return this.#checked(at, 1).getUint8(at);
  }

  u16(at: number): number {
    return this.#checked(at, 2).getUint16(at);
  }

  u32(at: number): number {
    return this.#checked(at, 4).getUint32(at);
  }

  i32(at: number): number {
    return this.#checked(at, 4).getInt32(at);
  }

  /** Exact up to 2 ** 53. */
  u64(at: number): number {
    return this.u32(at) * 2 ** 32 + this.u32(at + 4);
  }

  text(at: number): string {
    this.#checked(at, 4);
    return String.fromCharCode(...this.bytes.subarray(at, at + 4));
  }

  part(from: number, to: number): Uint8Array {
    if (from < 0 || to > this.bytes.length || from > to) throw new FileFault('it is cut');
    return this.bytes.subarray(from, to);
  }

  /**
   * The boxes of a part.
   * @throws {FileFault} for a box that is longer than the part.
   */
  *boxes(from: number, to: number): Generator<Box> {
    for (let at = from; at + 8 <= to; ) {
      const type = this.text(at + 4);
      let size = this.u32(at);
      let head = 8;
      if (size === 1) {
        size = this.u64(at + 8);
        head = 16;
      } else if (size === 0) size = to - at;
      if (size < head || at + size > to) throw new FileFault('it is cut');
      yield { type, from: at + head, to: at + size };
      at += size;
    }
  }

  /** The first box at the end of a path of types inside another. */
  find({ from, to }: Omit<Box, 'type'>, ...path: readonly string[]): Box | undefined {
    const [type, ...rest] = path;
    for (const box of this.boxes(from, to)) {
      if (box.type !== type) continue;
      const found = rest.length === 0 ? box : this.find(box, ...rest);
      if (found) return found;
    }
    return undefined;
  }

  #checked(at: number, length: number): DataView {
    if (at < 0 || at + length > this.bytes.length) throw new FileFault('it is cut');
    return this.#view;
  }
}

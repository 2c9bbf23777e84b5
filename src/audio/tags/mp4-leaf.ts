import { IsoBoxWriteView } from '@svta/cml-iso-bmff';
import { concatBytes } from '../../base/bytes.ts';

/** A box of an MP4 file for which the library has no writer. */
export function leaf(type: string, pieces: readonly Uint8Array[]): ArrayBufferView {
  const body = concatBytes(pieces);
  const box = new IsoBoxWriteView(type, 8 + body.length);
  box.writeBytes(body);
  return new Uint8Array(box.buffer);
}

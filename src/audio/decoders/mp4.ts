import { type Box, Mp4Bytes } from './mp4-boxes.ts';
import { codecOf } from './mp4-codec.ts';
import { FileFault, type PackedTrack } from './track.ts';

/**
 * Reads the first track of sound of an MP4 file, whole or in fragments. What its edit list cuts off is skipped.
 * @throws {FileFault} when it is damaged or has no such track; {@link UnreadFault}.
 */
export function mp4Track(bytes: Uint8Array): PackedTrack {
  const file = new Mp4Bytes(bytes);
  const moov = file.find({ from: 0, to: bytes.length }, 'moov');
  if (moov === undefined) throw new FileFault('it is cut, or describes no track');
  const trak = Array.from(file.boxes(moov.from, moov.to)).find((box) => {
    const handler = box.type === 'trak' && file.find(box, 'mdia', 'hdlr');
    return handler && file.text(handler.from + 8) === 'soun';
  });
  const stbl = trak && file.find(trak, 'mdia', 'minf', 'stbl');
  const stsd = stbl && file.find(stbl, 'stsd');
  if (trak === undefined || stbl === undefined || stsd === undefined) {
    throw new FileFault('it has no audio track');
  }
  const fragmented = file.find(moov, 'mvex') !== undefined;
  const packets = fragmented ? fragments(file, moov, trackId(file, trak)) : samples(file, stbl);
  return { ...codecOf(file, stsd), packets, ...edited(file, moov, trak) };
}

function trackId(file: Mp4Bytes, trak: Box): number {
  const tkhd = file.find(trak, 'tkhd');
  if (tkhd === undefined) throw new FileFault('its track has no header');
  return file.u32(tkhd.from + (file.u8(tkhd.from) === 1 ? 20 : 12));
}

/** An edit list of one entry has the start and the length of the sound. Other edit lists are ignored. */
function edited(file: Mp4Bytes, moov: Box, trak: Box): Pick<PackedTrack, 'skip' | 'take'> {
  const elst = file.find(trak, 'edts', 'elst');
  const mvhd = file.find(moov, 'mvhd');
  const mdhd = file.find(trak, 'mdia', 'mdhd');
  if (elst === undefined || mvhd === undefined || mdhd === undefined || file.u32(elst.from + 4) !== 1)
    return {};
  const long = file.u8(elst.from) === 1;
  const length = long ? file.u64(elst.from + 8) : file.u32(elst.from + 8);
  const start = long ? file.u64(elst.from + 16) : file.i32(elst.from + 12);
  const scaleOf = ({ from }: Box) => file.u32(from + (file.u8(from) === 1 ? 20 : 12));
  const scale = scaleOf(mdhd);
  const movieScale = scaleOf(mvhd);
  if (start < 0 || start > 10 * scale || scale === 0 || movieScale === 0) return {};
  return { skip: start / scale, ...(length > 0 && { take: () => length / movieScale }) };
}

/** Samples by the tables of the track: in each chunk lie some, one behind the other. */
function* samples(file: Mp4Bytes, stbl: Box): Generator<Uint8Array> {
  const table = (...types: readonly string[]) => types.map((type) => file.find(stbl, type)).find(Boolean);
  const stsz = table('stsz');
  const stsc = table('stsc');
  const offsets = table('stco', 'co64');
  if (stsz === undefined || stsc === undefined || offsets === undefined) {
    throw new FileFault('it does not state where its audio is');
  }
  const same = file.u32(stsz.from + 4);
  const count = file.u32(stsz.from + 8);
  const runs = file.u32(stsc.from + 4);
  const chunks = file.u32(offsets.from + 4);
  let sample = 0;
  for (let chunk = 0, run = 0; chunk < chunks && sample < count; chunk++) {
    while (run + 1 < runs && file.u32(stsc.from + 8 + 12 * (run + 1)) <= chunk + 1) run++;
    const held = file.u32(stsc.from + 8 + 12 * run + 4);
    let at =
      offsets.type === 'co64'
        ? file.u64(offsets.from + 8 + 8 * chunk)
        : file.u32(offsets.from + 8 + 4 * chunk);
    for (let n = 0; n < held && sample < count; n++, sample++) {
      const size = same || file.u32(stsz.from + 12 + 4 * sample);
      yield file.part(at, at + size);
      at += size;
    }
  }
}

/** Samples of a fragmented file, as browsers record it. */
function* fragments(file: Mp4Bytes, moov: Box, track: number): Generator<Uint8Array> {
  const mvex = file.find(moov, 'mvex');
  const trex =
    mvex &&
    Array.from(file.boxes(mvex.from, mvex.to)).find(
      ({ type, from }) => type === 'trex' && file.u32(from + 4) === track,
    );
  const usual = trex ? file.u32(trex.from + 16) : 0;
  for (const moof of file.boxes(0, file.bytes.length)) {
    if (moof.type !== 'moof') continue;
    const boxHead = moof.from - 8;
    for (const traf of file.boxes(moof.from, moof.to)) {
      const tfhd = traf.type === 'traf' ? file.find(traf, 'tfhd') : undefined;
      if (tfhd === undefined || file.u32(tfhd.from + 4) !== track) continue;
      const flags = file.u32(tfhd.from);
      const base = (flags & 1) === 0 ? boxHead : file.u64(tfhd.from + 8);
      const before = (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0) + (flags & 8 ? 4 : 0);
      const size = flags & 16 ? file.u32(tfhd.from + 8 + before) : usual;
      yield* run(file, traf, base, size);
    }
  }
}

/** The samples of a fragment's runs. */
function* run(file: Mp4Bytes, traf: Box, base: number, usual: number): Generator<Uint8Array> {
  let at = base;
  for (const trun of file.boxes(traf.from, traf.to)) {
    if (trun.type !== 'trun') continue;
    const flags = file.u32(trun.from);
    const count = file.u32(trun.from + 4);
    if (flags & 1) at = base + file.i32(trun.from + 8);
    if (usual === 0 && (flags & 0x200) === 0) throw new FileFault('its samples have no size');
    let entry = trun.from + 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
    for (let n = 0; n < count; n++) {
      if (flags & 0x100) entry += 4;
      const size = flags & 0x200 ? file.u32(entry) : usual;
      for (const bit of [0x200, 0x400, 0x800]) if (flags & bit) entry += 4;
      yield file.part(at, at + size);
      at += size;
    }
  }
}

import type { UserDataBox } from '@svta/cml-iso-bmff';
import { ascii } from '../../base/bytes.ts';
import { type Box, Mp4Bytes } from '../decoders/mp4-boxes.ts';
import { FileFault } from '../decoders/track.ts';
import { fieldsOf } from './fields.ts';
import { leaf } from './mp4-leaf.ts';
import type { AudioTags } from './types.ts';

/** Items of a list as iTunes writes it. Other fields are named in the item `----`. */
const ITEMS: Readonly<Partial<Record<keyof AudioTags, string>>> = { generator: '©too', time: '©day' };
const NAMED = '----';
const VERSION_AND_FLAGS = Uint8Array.of(0, 0, 0, 0);
/** Type UTF-8, and no country or language. */
const UTF_8 = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0);

/** Which samples of a file are not of its signal. */
export interface Gapless {
  /** Samples before the signal. */
  readonly delay: number;
  /** Samples after it. */
  readonly padding: number;
  /** Samples of the signal. */
  readonly samples: number;
}

/**
 * The tags as `udta` of an MP4 file (QuickTime File Format, "Metadata"; iTunes' list `ilst`).
 * @param gapless where it is known. A number that is not true could silence the file in players that follow it.
 */
export function userData(tags: AudioTags | undefined, gapless: Gapless | undefined): UserDataBox {
  const boxes = (tags ? fieldsOf(tags) : []).map(([name, text]) => {
    const type = ITEMS[name];
    return type === undefined ? named(name, text) : { type, boxes: [leaf('data', [UTF_8, text])] };
  });
  if (gapless) boxes.push(named('iTunSMPB', ascii(smpb(gapless))));
  const plain = { version: 0, flags: 0 };
  const handler = { type: 'hdlr', ...plain, preDefined: 0, handlerType: 'mdir', name: '' };
  const reserved = [0x6170706c, 0, 0];
  const meta = {
    type: 'meta',
    ...plain,
    boxes: [
      { ...handler, reserved },
      { type: 'ilst', boxes },
    ],
  };
  return { type: 'udta', boxes: [meta] };
}

function named(name: string, text: Uint8Array) {
  const owner = leaf('mean', [VERSION_AND_FLAGS, ascii('com.apple.iTunes')]);
  const title = leaf('name', [VERSION_AND_FLAGS, ascii(name)]);
  return { type: NAMED, boxes: [owner, title, leaf('data', [UTF_8, text])] };
}

/** The text from which iTunes and ffmpeg learn what to cut: zero, delay, padding, samples, and eight zeros, all hexadecimal. */
function smpb({ delay, padding, samples }: Gapless): string {
  const hex = (value: number, digits = 8) => value.toString(16).toUpperCase().padStart(digits, '0');
  const numbers = [
    hex(0),
    hex(delay),
    hex(padding),
    hex(samples, 16),
    ...Array.from({ length: 8 }, () => hex(0)),
  ];
  return ` ${numbers.join(' ')}`;
}

/** Reads the tags of an MP4 file, of which the start with `moov` is enough. Of a damaged file, the tags before the damage are read. */
export function readIlst(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (const [name, text] of items(new Mp4Bytes(bytes))) found.set(name, text);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
  }
  return found;
}

function* items(file: Mp4Bytes): Generator<[name: string, text: string]> {
  const text = ({ from, to }: Box, head: number) => new TextDecoder().decode(file.part(from + head, to));
  const meta = file.find({ from: 0, to: file.bytes.length }, 'moov', 'udta', 'meta');
  const list = meta && file.find({ from: meta.from + 4, to: meta.to }, 'ilst');
  if (list === undefined) return;
  for (const item of file.boxes(list.from, list.to)) {
    const data = file.find(item, 'data');
    const named = item.type === NAMED ? file.find(item, 'name') : undefined;
    const name = named ? text(named, 4) : Object.entries(ITEMS).find(([, type]) => type === item.type)?.[0];
    if (data && name) yield [name, text(data, 8)];
  }
}

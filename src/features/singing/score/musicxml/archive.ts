import { Unzip, UnzipInflate } from 'fflate';
import { badScore } from '../fault.ts';
import { SCORE_LIMITS } from '../limits.ts';
import { childrenOf, readXml, type XmlNode } from '../xml.ts';

const CONTAINER = 'META-INF/container.xml';
const MAX_FILES = 200;

/** Whether a file starts like a ZIP archive. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Reads the score out of a compressed MusicXML file (`.mxl`): the first root file that its container names. At most {@link SCORE_LIMITS}
 * bytes are unpacked, even if the archive states other sizes.
 * @throws {SoriError} `invalid_score`.
 */
export function readArchive(bytes: Uint8Array): string {
  const container = unpack(bytes, (name) => name === CONTAINER);
  const named = container && rootFile(readXml(container.text));
  const found = unpack(bytes, (name) => (named ? name === named : isScore(name)));
  if (!found) {
    throw badScore(
      undefined,
      named
        ? `the archive lacks the score '${named}' that its container names`
        : 'the archive contains no MusicXML file',
    );
  }
  return found.text;
}

function isScore(name: string): boolean {
  return /\.(?:musicxml|xml)$/i.test(name) && !name.startsWith('META-INF/');
}

function rootFile(container: XmlNode): string | undefined {
  const files = childrenOf(container, 'rootfiles').flatMap((node) => childrenOf(node, 'rootfile'));
  return files[0]?.attributes['full-path'];
}

function unpack(bytes: Uint8Array, wanted: (name: string) => boolean): { readonly text: string } | undefined {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let files = 0;
  let taken: string | undefined;
  const unzip = new Unzip((file) => {
    if (++files > MAX_FILES) throw badScore(undefined, `the archive holds more than ${MAX_FILES} files`);
    if (taken !== undefined || !wanted(file.name)) return;
    taken = file.name;
    file.ondata = (error, data) => {
      // Errors of this function are reported as errors of the archive.
      if (error?.name === 'SoriError') throw error;
      if (error) throw badScore(undefined, `the archive is damaged in '${file.name}'`, error);
      size += data.length;
      if (size > SCORE_LIMITS.bytes) {
        throw badScore(
          undefined,
          `the archive's score is larger than ${SCORE_LIMITS.bytes / 1024 / 1024} MiB`,
        );
      }
      pieces.push(data.slice());
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    // In small steps, so that what is unpacked is counted before more of it is.
    for (let at = 0; at < bytes.length; at += 4096) {
      unzip.push(bytes.subarray(at, at + 4096), at + 4096 >= bytes.length);
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'SoriError') throw cause;
    throw badScore(undefined, 'the archive is damaged', cause);
  }
  if (taken === undefined) return undefined;
  const whole = new Uint8Array(size);
  pieces.reduce((at, piece) => {
    whole.set(piece, at);
    return at + piece.length;
  }, 0);
  return { text: decodeXml(whole) };
}

/** Text of an XML file: UTF-8, or UTF-16 by its byte order mark. */
export function decodeXml(bytes: Uint8Array): string {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  return new TextDecoder(utf16).decode(bytes);
}

/** Bytes of the header: the magic number and the version. */
const HEADER_BYTES = 8;
/** Numbers of the sections (WebAssembly core specification, section 5.5.2). */
const SECTION = { memory: 5, global: 6 } as const;
const I32_CONST = 0x41;
const PAGE = 65_536;

/**
 * Lowers the initial size of a module's memory to what its static data and its stack take. The rest is heap, which grows by itself.
 * For modules that emscripten built: their first global is the stack pointer, which starts at the end of the stack, where the heap begins.
 * @returns a copy of the module; only bytes of the memory's size differ.
 * @throws {RangeError} for a module that is built in another way.
 */
export function withLeastMemory(module: Uint8Array): Uint8Array {
  const changed = module.slice();
  const memory = sectionAt(module, SECTION.memory);
  const global = sectionAt(module, SECTION.global);
  // The number of memories and the flag for a maximum; the number of globals, type and mutability.
  const size = readNumber(module, memory + 2);
  const first = readNumber(module, global).end + 2;
  if (module[memory] !== 1 || module[first] !== I32_CONST)
    throw new RangeError('this module is not laid out as emscripten does');
  const pages = Math.ceil(readNumber(module, first + 1).value / PAGE);
  if (pages > size.value) throw new RangeError('the stack of this module is beyond its memory');
  writeNumber(changed, memory + 2, size.end, pages);
  return changed;
}

/** Where a section's content begins. */
function sectionAt(module: Uint8Array, wanted: number): number {
  for (let at = HEADER_BYTES; at < module.length; ) {
    const { value: length, end } = readNumber(module, at + 1);
    if (module[at] === wanted) return end;
    at = end + length;
  }
  throw new RangeError(`this module has no section ${wanted}`);
}

/** Reads a number in LEB128. */
function readNumber(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  let end = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end };
  }
}

/** Writes a number in LEB128 with the length of the one that was there. */
function writeNumber(bytes: Uint8Array, from: number, end: number, value: number): void {
  for (let at = from, rest = value; at < end; at++, rest >>= 7) {
    bytes[at] = (rest & 0x7f) | (at < end - 1 ? 0x80 : 0);
  }
}

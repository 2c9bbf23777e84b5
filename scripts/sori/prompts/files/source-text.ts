/** Largest prompts file in bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Maximum number of reported faults of a file. */
export const MAX_FAULTS = 200;

/** A place in a text file, counted from 1 as editors do; columns are UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A fault in a prompts file. */
export interface Fault extends Position {
  /** The prompt with the fault, if it concerns one prompt. */
  readonly name?: string;
  /** Message: what is wrong and what is expected. */
  readonly message: string;
}

/** All faults of a prompts file. Its message has one line per fault, in the format of compilers: `file:line:column: …`. */
export class PromptFileError extends Error {
  override readonly name = 'PromptFileError';
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    const sorted = [...faults].sort((one, other) => one.line - other.line || one.column - other.column);
    const lines = sorted
      .slice(0, MAX_FAULTS)
      .map(
        ({ line, column, name, message }) =>
          `${file}:${line}:${column}: ${name ? `${name}: ` : ''}${message}`,
      );
    if (sorted.length > MAX_FAULTS) lines.push(`… and ${sorted.length - MAX_FAULTS} more.`);
    super(lines.join('\n'));
    this.faults = sorted;
  }
}

/** The text of a file, with line and column of its offsets. */
export class SourceText {
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** @param offset in UTF-16 code units. */
  positionAt(offset: number): Position {
    const starts = this.#lineStarts;
    let low = 0;
    for (let high = starts.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  }
}

/**
 * Decodes UTF-8, with or without a byte order mark.
 * @throws {PromptFileError} where it isn't UTF-8, or the file is too large.
 */
export function decodeSource(file: string, bytes: Uint8Array): SourceText {
  const refuse = (message: string, position: Position = { line: 1, column: 1 }) =>
    new PromptFileError(file, [{ ...position, message }]);
  if (bytes.length > MAX_FILE_BYTES) {
    throw refuse(`The file has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read.`);
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw refuse('The file is UTF-16; save it as UTF-8.');
  }
  try {
    return new SourceText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    const read = new TextDecoder('utf-8').decode(bytes);
    const wrong = read.indexOf('\ufffd');
    throw refuse(
      'This is not UTF-8; save the file as UTF-8.',
      new SourceText(read).positionAt(Math.max(wrong, 0)),
    );
  }
}

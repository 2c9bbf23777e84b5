/** A word, phoneme or sentence and when it is spoken. */
export interface Cue {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly span: { readonly start: number; readonly end: number };
}

/** A piece of speech: samples at 24 kHz in [-1, 1], or the times of words that are complete. */
export type Piece =
  | { readonly kind: 'audio'; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly kind: 'words'; readonly words: readonly Cue[] };

/** An event of `stream_format: "sse"`. */
export type SpeechEvent =
  | { readonly type: 'speech.audio.delta'; readonly audio: string }
  | { readonly type: 'speech.audio.timing'; readonly timestamps: { readonly word?: readonly Cue[] } }
  | { readonly type: 'speech.audio.done' }
  | { readonly type?: undefined; readonly error: { readonly message: string; readonly code: string } };

/** Splits a stream of server-sent events (HTML standard, section 9.2) into the JSON of their `data` lines. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SpeechEvent> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split(/\r?\n/);
    held = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) yield JSON.parse(line.slice('data:'.length)) as SpeechEvent;
    }
  }
}

/** Turns base64 pieces of 16-bit little-endian PCM into samples. A piece may end within a sample. */
export class PcmReader {
  #held: number | undefined;

  /** The samples that are complete. */
  read(base64: string): Float32Array<ArrayBuffer> {
    const text = atob(base64);
    const before = this.#held === undefined ? 0 : 1;
    const bytes = new Uint8Array(text.length + before);
    if (this.#held !== undefined) bytes[0] = this.#held;
    for (let index = 0; index < text.length; index++) bytes[index + before] = text.charCodeAt(index);
    this.#held = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
    const view = new DataView(bytes.buffer);
    return Float32Array.from(
      { length: bytes.length >> 1 },
      (_, index) => view.getInt16(2 * index, true) / 32768,
    );
  }
}

import { SoriError } from '../../base/errors.ts';
import { type ErrorBody, errorBody, toSoriError } from '../../http/errors.ts';
import { readEvents } from '../../http/read-events.ts';
import type { Cue } from '../../synthesis/alignment.ts';
import { endOfSentences } from './cut.ts';
import type { NumberedEvent, SessionCommand, SessionEvent } from './events.ts';

/** Most characters that wait to be spoken. */
export const MOST_WAITING = 16_384;
/** Characters of one speech request. */
const MOST_AT_ONCE = 4096;
/** Most base64 characters of audio that are held for a client that reconnects. */
const MOST_HELD = 1024 * 1024;
const MS_PER_FRAME = 12.5;

/** State from which a session continues elsewhere. JSON. */
export interface SessionState {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Text that is not ready to be spoken. */
  readonly waiting: string;
  readonly queue: readonly Part[];
  readonly seq: number;
  /** Length of the audio sent so far. */
  readonly ms: number;
  /** Characters spoken so far. */
  readonly characters: number;
  readonly held: readonly NumberedEvent[];
}

/** Options of a session. */
export interface SessionOptions {
  /** Answers a body of `POST /v1/audio/speech`, on behalf of the client. */
  readonly ask: (body: object, signal: AbortSignal) => Promise<Response>;
  /** Called with each event. */
  readonly onEvent: (event: NumberedEvent) => void;
  readonly state?: SessionState;
  /** Whether word timings are sent. They are not stored with audio, so without them speech may come from storage. */
  readonly withWords: boolean;
}

interface SpeechEvent {
  readonly type?: string;
  readonly audio?: string;
  readonly timestamps?: { readonly word?: readonly Cue[] };
  readonly usage?: { readonly output_tokens: number };
  readonly error?: ErrorBody['error'];
}

/** Text to speak, or an event that follows the text before it. */
type Part = { readonly text: string } | { readonly fence: 'flushed' | 'done' };

/** Speaks text that arrives in pieces, sentence by sentence, in the order of its commands. */
export class Session {
  readonly #options: SessionOptions;
  #fields: Readonly<Record<string, unknown>>;
  #waiting: string;
  #queue: Part[] = [];
  #paused = false;
  #seq: number;
  #ms: number;
  #characters: number;
  #held: NumberedEvent[];
  #running: Promise<void> | undefined;
  #work = new AbortController();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { fields, waiting, queue, seq, ms, characters, held } = options.state ?? EMPTY;
    this.#queue = [...queue];
    this.#fields = fields;
    this.#waiting = waiting;
    this.#seq = seq;
    this.#ms = ms;
    this.#characters = characters;
    this.#held = [...held];
  }

  /** Follows a command. Errors become events. */
  follow(command: SessionCommand): void {
    switch (command.do) {
      case 'configure':
        this.#fields = { ...this.#fields, ...command.fields };
        return;
      case 'text':
        this.#push(command.text);
        return;
      case 'flush':
      case 'end':
        this.#take(this.#waiting.length);
        this.#queue.push({ fence: command.do === 'flush' ? 'flushed' : 'done' });
        this.#run();
        return;
      case 'cancel':
        this.#work.abort();
        this.#waiting = '';
        this.#queue = [];
        this.#emit({ type: 'cancelled' });
    }
  }

  /** Reports a fault of the client. */
  fail(error: unknown): void {
    this.#emit({ type: 'error', ...errorBody(toSoriError(error)) });
  }

  /** Resolves when nothing is being spoken. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Stops after the part that is being spoken, until {@link resume}. */
  pause(): void {
    this.#paused = true;
  }

  /** Continues after {@link pause}. */
  resume(): void {
    this.#paused = false;
    this.#run();
  }

  /**
   * Events after a number, for a client that reconnects.
   * @returns `undefined` if some of them are no longer held.
   */
  after(seq: number): readonly NumberedEvent[] | undefined {
    const first = this.#held[0]?.seq ?? this.#seq + 1;
    if (seq > this.#seq || seq + 1 < first) return undefined;
    return this.#held.filter((event) => event.seq > seq);
  }

  /** State to store while nothing is being spoken. */
  get state(): SessionState {
    return {
      fields: this.#fields,
      waiting: this.#waiting,
      queue: this.#queue,
      seq: this.#seq,
      ms: this.#ms,
      characters: this.#characters,
      held: this.#held,
    };
  }

  #push(text: string): void {
    const queued = this.#queue.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0);
    if (this.#waiting.length + queued + text.length > MOST_WAITING) {
      const message = `At most ${MOST_WAITING} characters may wait to be spoken: send more after their audio.`;
      this.fail(new SoriError('queue_full', message, { param: 'text' }));
      return;
    }
    this.#waiting += text;
    this.#take(endOfSentences(this.#waiting));
    this.#run();
  }

  /** Moves text to the queue, in parts that a request takes. */
  #take(end: number): void {
    for (let at = 0; at < end; at += MOST_AT_ONCE)
      this.#queue.push({ text: this.#waiting.slice(at, Math.min(end, at + MOST_AT_ONCE)) });
    this.#waiting = this.#waiting.slice(end);
  }

  #run(): void {
    this.#running ??= this.#speakAll().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 && !this.#paused) this.#run();
    });
  }

  async #speakAll(): Promise<void> {
    while (!this.#paused) {
      const part = this.#queue.shift();
      if (part === undefined) return;
      if ('fence' in part) this.#emit({ type: part.fence });
      else await this.#speak(part.text);
    }
  }

  async #speak(text: string): Promise<void> {
    const from = this.#characters;
    this.#characters += text.length;
    // Marks and white space alone are a pause between sentences.
    if (!/[\p{L}\p{N}\p{S}]/u.test(text)) return;
    const work = new AbortController();
    this.#work = work;
    const timestamps = this.#options.withWords ? { timestamps: 'word' } : {};
    const body = { ...this.#fields, input: text, stream_format: 'sse', ...timestamps };
    const start = this.#ms;
    try {
      const answer = await this.#options.ask(body, work.signal);
      if (!answer.ok || answer.body === null) {
        const { error } = (await answer.json()) as ErrorBody;
        return this.#emit({ type: 'error', error });
      }
      for await (const event of readEvents<SpeechEvent>(answer.body)) {
        if (work.signal.aborted) return;
        if (event.error) this.#emit({ type: 'error', error: event.error });
        else if (event.audio !== undefined) this.#emit({ type: 'audio', audio: event.audio });
        else if (event.timestamps?.word) {
          const words = event.timestamps.word.map((word) => shifted(word, start, from));
          this.#emit({ type: 'words', text: textOf(text, event.timestamps.word), words });
        } else if (event.usage) this.#ms = start + event.usage.output_tokens * MS_PER_FRAME;
      }
    } catch (error) {
      if (!work.signal.aborted) this.fail(error);
    }
  }

  #emit(event: SessionEvent): void {
    const numbered = { seq: ++this.#seq, event };
    this.#held.push(numbered);
    let length = 0;
    let first = this.#held.length;
    while (first > 0 && length <= MOST_HELD) length += sizeOf(this.#held[--first].event);
    this.#held = this.#held.slice(length > MOST_HELD ? first + 1 : first);
    this.#options.onEvent(numbered);
  }
}

const EMPTY: SessionState = { fields: {}, waiting: '', queue: [], seq: 0, ms: 0, characters: 0, held: [] };

const sizeOf = (event: SessionEvent): number => (event.type === 'audio' ? event.audio.length : 200);

function shifted({ text, start_ms, end_ms, span }: Cue, ms: number, characters: number): Cue {
  return {
    text,
    start_ms: start_ms + ms,
    end_ms: end_ms + ms,
    span: { start: span.start + characters, end: span.end + characters },
  };
}

/** The text that contains the words. */
function textOf(text: string, words: readonly Cue[]): string {
  return text.slice(words[0]?.span.start ?? 0, words.at(-1)?.span.end ?? 0);
}

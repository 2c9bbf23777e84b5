import { effect, signal } from '@preact/signals';
import { ApiError, askJson } from '../api.ts';
import { faultSpan } from '../place-in-message.ts';
import { input, model, place, pronunciations, spokenLanguage } from '../state.ts';
import { readInTab, tabState } from '../tab/tab.ts';
import type { Reading, ReadRequest, ReadWarning, ReadWord } from './read-word.ts';

/** A fault in the text. `start` and `end` are absent where its place is unknown. */
export interface Fault {
  readonly kind: 'error' | 'warning';
  readonly message: string;
  readonly start?: number;
  readonly end?: number;
}

/** How the text is read: its words in order. */
export const reading = signal<readonly ReadWord[]>([]);
/** Errors and warnings of the text. */
export const faults = signal<readonly Fault[]>([]);

/** Milliseconds without a keystroke after which the text is checked. */
const PAUSE_MS = 450;

/** Codes of errors that are about the text, and not about the server or the key. */
const ABOUT_TEXT = new Set([
  'invalid_ssml',
  'unreadable_text',
  'nothing_to_speak',
  'invalid_pronunciation',
  'string_above_max_length',
  'unsupported_language',
]);

/** Reads the text after every change of it. */
export function watchText(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;
  effect(() => {
    const request = {
      model: model.value?.id,
      input: input.value,
      language: spokenLanguage.value,
      pronunciations: pronunciations.value,
    };
    const tab = tabState.value;
    const here = place.value === 'tab' && tab.step === 'ready' && tab.model === request.model;
    clearTimeout(timer);
    asked?.abort();
    const { model: id } = request;
    if (id === undefined) return;
    const aborted = new AbortController();
    asked = aborted;
    const reader = here ? readInTab : readAtServer;
    timer = setTimeout(() => void read({ ...request, model: id }, reader, aborted.signal), PAUSE_MS);
  });
}

type Reader = (request: ReadRequest, signal: AbortSignal) => Promise<Reading>;

interface Answer {
  readonly sentences: readonly { readonly words: readonly ReadWord[] }[];
  readonly warnings: readonly ReadWarning[];
}

async function readAtServer(request: ReadRequest, signal: AbortSignal): Promise<Reading> {
  const { sentences, warnings } = await askJson<Answer>('v1/audio/phonemes', request, { signal });
  return { words: sentences.flatMap(({ words }) => words), warnings };
}

async function read(request: ReadRequest, reader: Reader, signal: AbortSignal): Promise<void> {
  if (request.input.trim() === '') {
    reading.value = [];
    faults.value = [];
    return;
  }
  try {
    const { words, warnings } = await reader(request, signal);
    if (signal.aborted) return;
    reading.value = words;
    faults.value = warnings.map(({ message, position }) => ({
      kind: 'warning',
      message,
      ...(position && faultSpan(request.input, position.offset)),
    }));
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError) || !ABOUT_TEXT.has(error.code)) return;
    reading.value = [];
    const place = error.offset === undefined ? {} : faultSpan(request.input, error.offset);
    faults.value = [{ kind: 'error', message: error.message, ...place }];
  }
}

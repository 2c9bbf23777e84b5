import { ask } from '../api.ts';
import { EXAMPLE } from './example.ts';

/** A note of the answer. */
export interface SungNote {
  readonly part: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly pitch: string;
  readonly hz: number;
  readonly text?: string;
}

/** A song that was sung. */
export interface Song {
  readonly notes: readonly SungNote[];
  /** Address of the audio in this page; to be revoked. */
  readonly url: string;
  readonly seconds: number;
  /** Semitones by which the score was transposed. */
  readonly transposed: number;
  /** Ignored parts of the score. */
  readonly notices: readonly string[];
}

/** Choices of the page. */
export interface SongRequest {
  readonly model: string;
  readonly voice: string;
  /** Factor on all expression. */
  readonly expression: number;
  readonly click: boolean;
  /** Absent: the example. */
  readonly score?: File;
}

interface Answer {
  readonly audio: string;
  readonly content_type: string;
  readonly duration_ms: number;
  readonly timestamps: { readonly note: readonly SungNote[] };
}

/**
 * Requests the singing of a score, transposed into the range of the voice.
 * @throws {ApiError}
 */
export async function singSong({ model, voice, expression, click, score }: SongRequest): Promise<Song> {
  const form = new FormData();
  form.set('score', score ?? new File([JSON.stringify(EXAMPLE)], 'example.json'));
  form.set('model', model);
  form.set('voice', voice);
  form.set('expression', String(expression));
  form.set('transpose', 'auto');
  if (click) form.set('click', '-18');
  form.set('response_format', 'json');
  form.set('timestamps', '["note"]');
  const response = await ask('v1/audio/singing', { method: 'POST', body: form });
  const { audio, content_type, duration_ms, timestamps } = (await response.json()) as Answer;
  const bytes = Uint8Array.from(atob(audio), (character) => character.charCodeAt(0));
  const notices = response.headers.get('x-sori-notice');
  return {
    notes: timestamps.note,
    url: URL.createObjectURL(new Blob([bytes], { type: content_type })),
    seconds: duration_ms / 1000,
    transposed: Number(response.headers.get('x-sori-transposed') ?? 0),
    notices: notices === null ? [] : notices.split(', ').map(decodeURI),
  };
}

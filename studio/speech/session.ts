import { computed, signal } from '@preact/signals';
import { analyse, beginAnalysis, endAnalysis } from '../analysis/analysis.ts';
import { ApiError } from '../api.ts';
import type { SpeechBody } from '../request.ts';
import { speakInTab } from '../tab/tab.ts';
import type { Cue, Piece } from './events.ts';
import { speakAtServer } from './from-server.ts';
import { Peaks } from './peaks.ts';
import { Player, SAMPLE_RATE } from './player.ts';

/** State of the page's speech. */
export type SessionState = 'idle' | 'waiting' | 'making' | 'made' | 'failed';

/** How long a speech took. */
export interface Measured {
  /** Milliseconds from the click to the first samples. */
  readonly firstMs?: number;
  /** Milliseconds from the click to the last samples. */
  readonly madeMs?: number;
  /** Milliseconds of making for each millisecond of speech. Set when it is made. */
  readonly realTimeFactor?: number;
  readonly place: 'server' | 'tab';
}

export const player = new Player();
export const peaks = new Peaks();
export const state = signal<SessionState>('idle');
/** Words whose times are known, in the order spoken. */
export const words = signal<readonly Cue[]>([]);
export const failure = signal<ApiError | undefined>(undefined);
export const measured = signal<Measured | undefined>(undefined);
/** Where the server has stored the last speech. */
export const location = signal<string | null>(null);
/** The request of the last speech. */
export const spoken = signal<SpeechBody | undefined>(undefined);
/** Sample that sounds now; follows the player while it plays. */
export const position = signal(0);
/** The word that sounds now. */
export const currentWord = computed(() => {
  const ms = (position.value / SAMPLE_RATE) * 1000;
  return player.playing.value
    ? words.value.find(({ start_ms, end_ms }) => start_ms <= ms && ms < end_ms)
    : undefined;
});

let running: AbortController | undefined;

/** Stops the sound, and the making if it is under way. */
export function stop(): void {
  running?.abort();
  running = undefined;
  player.stop();
  if (state.value === 'waiting' || state.value === 'making') state.value = 'idle';
}

/**
 * Speaks: the first samples sound while the others are made. Call it in the handler of a user's gesture.
 * @returns when all is made. Failures are in {@link failure}.
 */
export async function speak(body: SpeechBody, place: 'server' | 'tab'): Promise<void> {
  stop();
  const aborted = new AbortController();
  running = aborted;
  player.begin();
  begin(body);
  const started = performance.now();
  measured.value = { place };
  try {
    for await (const piece of await piecesOf(body, place, aborted.signal)) {
      aborted.signal.throwIfAborted();
      take(piece, started);
    }
    player.end();
    endAnalysis();
    const madeMs = performance.now() - started;
    const realTimeFactor = madeMs / ((player.length.value / SAMPLE_RATE) * 1000);
    measured.value = { ...measured.value, madeMs, realTimeFactor };
    state.value = 'made';
  } catch (error) {
    if (aborted.signal.aborted) return;
    player.end();
    failure.value =
      error instanceof ApiError ? error : new ApiError((error as Error).message, 0, 'internal_error');
    state.value = 'failed';
  }
}

function begin(body: SpeechBody): void {
  beginAnalysis();
  peaks.clear();
  words.value = [];
  failure.value = undefined;
  location.value = null;
  spoken.value = body;
  position.value = 0;
  state.value = 'waiting';
  follow();
}

async function piecesOf(
  body: SpeechBody,
  place: 'server' | 'tab',
  signal: AbortSignal,
): Promise<AsyncIterable<Piece>> {
  if (place === 'tab') return speakInTab(body, signal);
  const answer = await speakAtServer(body, signal);
  location.value = answer.location;
  return answer.pieces;
}

function take(piece: Piece, started: number): void {
  if (piece.kind === 'words') {
    words.value = [...words.value, ...piece.words];
    return;
  }
  if (state.value === 'waiting') {
    const firstMs = performance.now() - started;
    measured.value = { place: 'server', ...measured.value, firstMs };
    state.value = 'making';
  }
  player.push(piece.samples);
  peaks.add(piece.samples);
  analyse(piece.samples);
}

let following = false;

/** Keeps {@link position} at the player's while it plays. */
export function follow(): void {
  if (following) return;
  following = true;
  const step = () => {
    position.value = player.position;
    if (player.playing.value) requestAnimationFrame(step);
    else following = false;
  };
  requestAnimationFrame(step);
}

import type { SpeechBody } from '../request.ts';
import type { Cue } from '../speech/events.ts';
import type { Reading, ReadRequest } from '../speech/read-word.ts';

/** Requests of the page to the worker. */
export type TabRequest =
  | { readonly type: 'load'; readonly model: string; readonly shards: string; readonly preferGpu: boolean }
  | { readonly type: 'speak'; readonly id: number; readonly body: SpeechBody }
  | { readonly type: 'read'; readonly id: number; readonly request: ReadRequest }
  | { readonly type: 'cancel'; readonly id: number };

/** Answers of the worker. */
export type TabAnswer =
  | { readonly type: 'progress'; readonly loaded: number; readonly total: number }
  | {
      readonly type: 'ready';
      readonly backend: 'WebGPU' | 'WASM';
      readonly reason: string;
      readonly stored: boolean;
    }
  | { readonly type: 'load-failed'; readonly message: string }
  | { readonly type: 'audio'; readonly id: number; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: 'words'; readonly id: number; readonly words: readonly Cue[] }
  | { readonly type: 'reading'; readonly id: number; readonly reading: Reading }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly code: string };

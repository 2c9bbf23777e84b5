import type { ErrorCode } from '../base/errors.ts';
import type { GraphOptions } from './graph.ts';
import type { ModelManifest } from './manifest.ts';

/** Arguments of a model's thread. */
export interface ThreadData {
  readonly manifest: ModelManifest;
  readonly folder: string;
  readonly graphs: GraphOptions;
  /** Run the driver's trial input once it is open? */
  readonly trial: boolean;
}

/** Messages to the thread. */
export type ThreadCall =
  | { readonly what: 'run'; readonly id: number; readonly input: unknown }
  | { readonly what: 'abort'; readonly id: number }
  | { readonly what: 'close' };

/** An error that has crossed from the thread. */
export interface ThreadFault {
  readonly message: string;
  /** Of a {@link SoriError}. */
  readonly code?: ErrorCode;
  readonly param?: string;
  /** Whether the contents of the folder are the cause. */
  readonly folder?: boolean;
}

/** Messages from the thread. */
export type ThreadReply =
  | { readonly what: 'progress'; readonly bytes: number }
  | { readonly what: 'open' }
  | { readonly what: 'refused'; readonly fault: ThreadFault }
  | { readonly what: 'event'; readonly id: number; readonly event: unknown }
  | { readonly what: 'end'; readonly id: number }
  | { readonly what: 'failed'; readonly id: number; readonly fault: ThreadFault };

/** Buffers of the typed arrays at the top of a value, which a message hands over rather than copies. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (value === null || typeof value !== 'object') return [];
  const arrays = Object.values(value).filter((part) => ArrayBuffer.isView(part));
  // An array that shows a part of a larger buffer is copied: others may use the rest.
  const whole = arrays.filter(({ byteLength, buffer }) => byteLength === buffer.byteLength);
  return [...new Set(whole.map(({ buffer }) => buffer as ArrayBuffer))];
}

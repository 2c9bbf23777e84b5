import type { GraphSource, Tensors } from './backend.ts';

/** Messages to the thread of a threaded backend. */
export type ThreadCall =
  | { readonly what: 'create'; readonly source: GraphSource }
  | { readonly what: 'run'; readonly session: number; readonly inputs: Tensors }
  | { readonly what: 'release'; readonly session: number };

/** Its result: the requested part. */
export interface ThreadAnswer {
  readonly session?: number;
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly outputs?: Tensors;
}

/** The result of the call of that number, or its error. */
export interface ThreadReply {
  readonly id: number;
  readonly answer?: ThreadAnswer;
  readonly fault?: string;
}

/** The buffers of tensors, each once, which a message transfers instead of copying. */
export function buffersOf(tensors: Tensors): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer))];
}

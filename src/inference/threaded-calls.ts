import type { GraphSource, Tensors } from './backend.ts';

/** Messages to the thread of a threaded backend. */
export type ThreadCall =
  | { readonly what: 'create'; readonly source: GraphSource }
  | { readonly what: 'run'; readonly session: number; readonly inputs: Tensors }
  | { readonly what: 'release'; readonly session: number };

/** What it gives: the part that the call asked for. */
export interface ThreadAnswer {
  readonly session?: number;
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly outputs?: Tensors;
}

/** The answer to the call of that number, or why there is none. */
export interface ThreadReply {
  readonly id: number;
  readonly answer?: ThreadAnswer;
  readonly fault?: string;
}

/** What tensors lie in, each once: what a message hands over rather than copies. */
export function buffersOf(tensors: Tensors): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer))];
}

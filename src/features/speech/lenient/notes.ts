import type { Warning } from '../../../text/warnings.ts';
import type { Weights } from '../voices/mixes.ts';

/** Changes that lenient reading made to a request's fields. */
export interface Notes {
  /** Fields without an effect, or with another one. */
  readonly warnings: readonly Warning[];
  /** Emotions from `instructions`; those that the model does not have are ignored. */
  readonly emotion?: Weights;
}

/** A symbol, because a copy of a body keeps it and its JSON does not: an origin reads the fields itself. */
const NOTES = Symbol('notes');
const NONE: Notes = { warnings: [] };

/** Adds notes to a body. */
export function withNotes<Body extends object>(body: Body, notes: Notes): Body {
  return { ...body, [NOTES]: notes };
}

/** The notes of a body. */
export function notesOf(body: object): Notes {
  return (body as { readonly [NOTES]?: Notes })[NOTES] ?? NONE;
}

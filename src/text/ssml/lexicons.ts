import type { Lexeme } from './element.ts';
import { LexemeFinder } from './lexicon.ts';

/** The lexicons of a document, by name. The one without a name, `''`, is always active. */
export class Lexicons {
  readonly #lexemes = new Map<string, readonly Lexeme[]>();
  readonly #finders = new Map<string, LexemeFinder>();

  /** Whether there is no lexicon. */
  get empty(): boolean {
    return this.#lexemes.size === 0;
  }

  /** Adds lexemes to a lexicon. */
  add(name: string, lexemes: readonly Lexeme[]): void {
    this.#lexemes.set(name, [...(this.#lexemes.get(name) ?? []), ...lexemes]);
    this.#finders.clear();
  }

  /** Finds lexemes of the unnamed lexicon and of those named in `lookups`. */
  finder(lookups: readonly string[]): LexemeFinder {
    const names = ['', ...lookups];
    const key = names.join('\n');
    const finder =
      this.#finders.get(key) ?? new LexemeFinder(names.flatMap((name) => this.#lexemes.get(name) ?? []));
    this.#finders.set(key, finder);
    return finder;
  }
}

import type { Delivery } from '../script.ts';
import type { Span } from '../types.ts';
import type { Frame } from './frame.ts';
import { Lexicons } from './lexicons.ts';
import type { Report } from './place.ts';
import { ScriptBuilder } from './script-builder.ts';
import type { XmlText } from './xml.ts';

/** Maximum total silence of `break` and similar elements in a document, in ms. */
const MAX_BREAKS_MS = 60_000;

/** The script that a document becomes: text with the readings of the document's lexicons, and pauses within a limit. */
export class SsmlOutput {
  readonly builder = new ScriptBuilder();
  readonly lexicons = new Lexicons();
  #silence = 0;

  /** Adds a pause in ms, shortened so that all pauses together are at most {@link MAX_BREAKS_MS}. Shortening is reported. */
  addPause(ms: number | undefined, tag: Span, delivery: Delivery, report: Report): void {
    if (ms === undefined) return;
    const allowed = Math.min(ms, MAX_BREAKS_MS - this.#silence);
    if (allowed < ms) {
      const what = `All breaks together are longer than ${MAX_BREAKS_MS / 1000} seconds.`;
      report('approximated', what, 'What is beyond that is left out.');
    }
    this.#silence += allowed;
    this.builder.addBreak(allowed, tag, delivery);
  }

  /** Adds text, with the pronunciations that active lexicons give its words. */
  addText(text: XmlText, { delivery, lookups }: Pick<Frame, 'delivery' | 'lookups'>): void {
    if (this.lexicons.empty) {
      this.builder.addText(text, delivery);
      return;
    }
    for (const part of this.lexicons.finder(lookups).split(text)) {
      if (!part.lexeme) {
        this.builder.addText(part.text, delivery);
        continue;
      }
      const span = { start: part.text.starts[0], end: part.text.ends[part.text.ends.length - 1] };
      const { spoken } = part.lexeme;
      if ('alias' in spoken) this.builder.addInstead(spoken.alias, span, delivery);
      else this.builder.addReading({ words: spoken.words }, part.text.text, span, delivery);
    }
  }
}

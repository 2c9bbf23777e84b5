import { SoriError } from '../../base/errors.ts';
import { hangulOf, readPhonemes } from './alphabets.ts';
import type { Attributes, Context, Lexeme, Lexicon } from './element.ts';
import { attempt, quote, Unreadable } from './place.ts';
import { readXml, type XmlText } from './xml.ts';

const DATA_URL = /^data:[^,]{0,100}?(;base64)?,(.*)$/is;

/**
 * Reads the lexicon that a `lexicon` element holds in a `data:` URL: W3C Pronunciation Lexicon Specification 1.0. Of a lexeme with several
 * pronunciations the preferred one counts, else the first.
 * @returns `undefined` where the lexicon would have to be fetched, which is reported.
 * @throws {Unreadable} for a document that is no lexicon.
 */
export function lexiconOf(attributes: Attributes, { report }: Context): Lexicon | undefined {
  const uri = (attributes.get('uri') ?? attributes.get('src') ?? '').trim();
  const data = DATA_URL.exec(uri);
  if (!data) {
    const what = 'The element lexicon is not supported: nothing is fetched from elsewhere.';
    report('not_fetched', what, 'Give the lexicon as a data: URL, or the words in the field pronunciations.');
    return undefined;
  }
  const id = attributes.get('xml:id')?.trim() || undefined;
  return { id, lexemes: readLexicon(decode(data[2], data[1] !== undefined), { report }) };
}

function decode(written: string, base64: boolean): string {
  try {
    if (!base64) return decodeURIComponent(written);
    const bytes = Uint8Array.from(atob(decodeURIComponent(written).replace(/\s+/g, '')), (char) =>
      char.charCodeAt(0),
    );
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Unreadable('The data: URL of the lexicon is broken.');
  }
}

/** The parts read so far of the current lexeme. */
interface Reading {
  graphemes: string[];
  spoken: { kind: 'phoneme' | 'alias'; text: string; alphabet: string; preferred: boolean }[];
}

function readLexicon(document: string, context: Pick<Context, 'report'>): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let alphabet = 'ipa';
  let reading: Reading | undefined;
  let text = '';
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  try {
    readXml(document, {
      open({ name, attributes }) {
        text = '';
        if (local(name) === 'lexicon') alphabet = attributes.get('alphabet') ?? alphabet;
        if (local(name) === 'lexeme') reading = { graphemes: [], spoken: [] };
      },
      text: ({ text: piece }) => {
        text += piece;
      },
      close({ name, attributes }) {
        const kind = local(name);
        if (kind === 'grapheme' && text.trim() !== '') reading?.graphemes.push(text.trim());
        if (kind === 'phoneme' || kind === 'alias') {
          const own = attributes.get('alphabet') ?? alphabet;
          const preferred = attributes.get('prefer') === 'true';
          reading?.spoken.push({ kind, text: text.trim(), alphabet: own, preferred });
        }
        if (kind === 'lexeme' && reading) {
          lexemes.push(...lexemesOf(reading, context));
          reading = undefined;
        }
      },
    });
  } catch (error) {
    if (error instanceof SoriError) {
      throw new Unreadable(`The lexicon can't be read: ${error.message.replace(/^SSML: /, '')}`);
    }
    throw error;
  }
  return lexemes;
}

function lexemesOf({ graphemes, spoken }: Reading, { report }: Pick<Context, 'report'>): Lexeme[] {
  const chosen = spoken.find(({ preferred }) => preferred) ?? spoken[0];
  if (!chosen || chosen.text === '') return [];
  const { kind, text, alphabet } = chosen;
  const sound = attempt<Lexeme['spoken'] | undefined>(
    report,
    () => {
      const alias = kind === 'alias' ? text : hangulOf(text, alphabet, false);
      return alias === undefined ? { words: readPhonemes(text, alphabet) } : { alias };
    },
    undefined,
    `The word ${quote(graphemes[0] ?? '')} keeps its usual pronunciation.`,
  );
  return sound ? graphemes.map((grapheme) => ({ grapheme, spoken: sound })) : [];
}

/** A piece of text, and its replacement by a lexicon if there is one. */
export interface Found {
  readonly text: XmlText;
  readonly lexeme?: Lexeme;
}

/** Finds the words of lexicons in text. Words are found in any case; of two that begin at one place the longer one. */
export class LexemeFinder {
  readonly #byWord = new Map<string, Lexeme>();
  readonly #pattern: RegExp;

  /** @param lexemes later ones take the place of earlier ones of the same word. */
  constructor(lexemes: readonly Lexeme[]) {
    for (const lexeme of lexemes) this.#byWord.set(lexeme.grapheme.toLowerCase(), lexeme);
    const words = [...this.#byWord.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
    this.#pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  }

  /** Splits text at the words of the lexicons. */
  split(text: XmlText): Found[] {
    if (this.#byWord.size === 0) return [{ text }];
    const parts: Found[] = [];
    let done = 0;
    for (const match of text.text.matchAll(this.#pattern)) {
      const lexeme = this.#byWord.get(match[0].toLowerCase());
      if (!lexeme) continue;
      if (match.index > done) parts.push({ text: slice(text, done, match.index) });
      done = match.index + match[0].length;
      parts.push({ text: slice(text, match.index, done), lexeme });
    }
    if (done < text.text.length) parts.push({ text: slice(text, done, text.text.length) });
    return parts;
  }
}

function slice({ text, starts, ends }: XmlText, from: number, to: number): XmlText {
  return { text: text.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

function escapePattern(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\s+/g, '\\s+');
}

import type { Span, SpeechControls, SpokenToken } from './types.ts';

/** The voice, emotion and language of a stretch of text. Utterances end where it changes. */
export interface Section {
  readonly voice?: string;
  readonly emotion?: Readonly<Record<string, number>>;
  readonly language?: string;
}

/** How a character of a script is delivered. */
export interface Delivery {
  readonly controls?: SpeechControls;
  /** Function words keep their stress. */
  readonly stressed?: boolean;
  /** Part of speech that markup states, which decides the reading of a heteronym. */
  readonly role?: WordRole;
  /** Lengths of the pauses at sentence ends and signs. */
  readonly pauses?: PausesBySign;
  readonly section: Section;
}

/** Parts of speech that a heteronym's readings differ by. */
export type WordRole = 'verb' | 'past' | 'noun' | 'adjective';

/** Lengths in ms that markup gives to pauses; absent ones are the model's own. */
export interface PausesBySign {
  /** Between two sentences. */
  readonly sentence?: number;
  readonly comma?: number;
  readonly semicolon?: number;
}

/** A placeholder word of a script and what is spoken for it: tokens, or the symbols of each word. */
export interface Reading {
  readonly span: Span;
  readonly spoken:
    | { readonly tokens: readonly SpokenToken[] }
    | { readonly words: readonly (readonly string[])[] };
}

/** A pause of the markup. */
export interface Break {
  /** Offset in the script. */
  readonly at: number;
  /** 0 removes the pause that is there. */
  readonly ms: number;
}

/** A position whose time is requested. */
export interface ScriptMark {
  readonly name: string;
  /** Offset in the script. */
  readonly at: number;
  /** In the original input. */
  readonly span: Span;
}

/**
 * The text without its markup, and the effects of the markup. Offsets and spans are positions in the script, unless they are called
 * original.
 */
export interface Script {
  readonly text: string;
  /** Position of a part of the script in the original input. */
  original(span: Span): Span;
  /** How the character at an offset is delivered. */
  delivery(at: number): Delivery;
  /** In order, apart from each other. */
  readonly readings: readonly Reading[];
  readonly breaks: readonly Break[];
  readonly marks: readonly ScriptMark[];
}

const PLAIN: Delivery = { section: {} };

/** Text without any markup. */
export function plainScript(text: string): Script {
  return { text, original: (span) => span, delivery: () => PLAIN, readings: [], breaks: [], marks: [] };
}

/** Whether two sections have the same voice, emotion and language. */
export function sameSection(a: Section, b: Section): boolean {
  if (a === b) return true;
  if (a.voice !== b.voice || a.language !== b.language) return false;
  const [one, other] = [Object.entries(a.emotion ?? {}), Object.entries(b.emotion ?? {})];
  return one.length === other.length && one.every(([name, weight]) => b.emotion?.[name] === weight);
}

import { Tokenizer } from '@huggingface/tokenizers';
import { ModelFault } from '../../manifest.ts';

/** Seconds between two timestamp tokens. */
export const TIMESTAMP_SECONDS = 0.02;
/** Timestamp tokens: 0.00 s to 30.00 s. */
export const TIMESTAMPS = 1501;

/** Languages without spaces between words. */
const WITHOUT_SPACES: ReadonlySet<string> = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);

/** Tokens of a Whisper model. */
export interface WhisperTokens {
  readonly end: number;
  readonly start: number;
  readonly translate: number;
  readonly transcribe: number;
  /** Before the text that came earlier. */
  readonly previous: number;
  readonly noSpeech: number;
  readonly noTimestamps: number;
  /** `<|0.00|>`; the later ones follow it. */
  readonly firstTimestamp: number;
  /** ISO 639-1 to token; empty for a model of English alone. */
  readonly languages: ReadonlyMap<string, number>;
  encode(text: string): number[];
  /** Text of tokens, without special ones. */
  decode(tokens: readonly number[]): string;
  /** Tokens of each word, its space and the punctuation that belongs to it included. */
  words(tokens: readonly number[], language: string): TokenWord[];
}

/** A word and its tokens. */
export interface TokenWord {
  readonly text: string;
  readonly tokens: readonly number[];
}

/**
 * Opens a `tokenizer.json`.
 * @throws {ModelFault} when it is not the tokenizer of a Whisper model.
 */
export function openTokens(bytes: Uint8Array, name: string): WhisperTokens {
  let tokenizer: Tokenizer;
  let added: readonly { id: number; content: string }[];
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    added = json.added_tokens ?? [];
    tokenizer = new Tokenizer(json, { clean_up_tokenization_spaces: false });
  } catch (cause) {
    throw new ModelFault(`${name} is not a valid tokenizer.json: ${(cause as Error).message}`, { cause });
  }
  const ids = new Map(added.map(({ id, content }) => [content, id]));
  const special = (...names: string[]) => {
    const id = names.map((one) => ids.get(`<|${one}|>`)).find((found) => found !== undefined);
    if (id === undefined)
      throw new ModelFault(
        `${name} has no token <|${names[0]}|>: it is not the tokenizer of a Whisper model`,
      );
    return id;
  };
  const noTimestamps = special('notimestamps');
  const start = special('startoftranscript');
  const languages = new Map<string, number>();
  for (const [content, id] of ids) {
    const [, code] = /^<\|([a-z]{2,3})\|>$/.exec(content) ?? [];
    if (code !== undefined && id > start) languages.set(code, id);
  }
  const end = special('endoftext');
  const decode = (tokens: readonly number[]): string => {
    const text = tokens.filter((token) => token < end);
    return text.length === 0 ? '' : tokenizer.decode(text, { skip_special_tokens: true });
  };
  return {
    end,
    start,
    translate: special('translate'),
    transcribe: special('transcribe'),
    previous: special('startofprev'),
    noSpeech: special('nospeech', 'nocaptions'),
    noTimestamps,
    firstTimestamp: noTimestamps + 1,
    languages,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode,
    words: (tokens, language) => {
      const characters = splitCharacters(tokens, decode);
      const parts = WITHOUT_SPACES.has(language) ? characters : joinAtSpaces(characters);
      return joinPunctuation(parts);
    },
  };
}

/** The shortest runs of tokens that are whole characters: a token may hold a part of one. */
function splitCharacters(
  tokens: readonly number[],
  decode: (tokens: readonly number[]) => string,
): TokenWord[] {
  const whole = decode(tokens);
  const parts: TokenWord[] = [];
  let held: number[] = [];
  let at = 0;
  for (const token of tokens) {
    held.push(token);
    const text = decode(held);
    const hole = text.indexOf('\uFFFD');
    if (hole >= 0 && whole[at + hole] !== '\uFFFD') continue;
    parts.push({ text, tokens: held });
    at += text.length;
    held = [];
  }
  if (held.length > 0) parts.push({ text: decode(held), tokens: held });
  return parts;
}

function joinAtSpaces(parts: readonly TokenWord[]): TokenWord[] {
  const words: TokenWord[] = [];
  for (const part of parts) {
    const last = words.at(-1);
    const begins = part.text.startsWith(' ') || /^\p{P}+$/u.test(part.text.trim());
    if (last === undefined || begins) words.push(part);
    else words[words.length - 1] = joined(last, part);
  }
  return words;
}

const OPENING = /^["'“¿([{-]+$/;
const CLOSING = /^["'.。,，!！?？:：”)\]}、…]+$/;

/** Punctuation belongs to the adjacent word. */
function joinPunctuation(parts: readonly TokenWord[]): TokenWord[] {
  const words: TokenWord[] = [];
  let opening: TokenWord | undefined;
  for (const part of parts) {
    const last = words.at(-1);
    const bare = part.text.trim();
    if (last && !part.text.startsWith(' ') && CLOSING.test(bare))
      words[words.length - 1] = joined(last, part);
    else if (part.text.startsWith(' ') && OPENING.test(bare)) {
      opening = opening ? joined(opening, part) : part;
    } else {
      words.push(opening ? joined(opening, part) : part);
      opening = undefined;
    }
  }
  if (opening) words.push(opening);
  return words;
}

function joined(a: TokenWord, b: TokenWord): TokenWord {
  return { text: a.text + b.text, tokens: [...a.tokens, ...b.tokens] };
}

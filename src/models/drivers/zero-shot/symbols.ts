import { z } from 'zod';
import { KOREAN_SYMBOLS } from '../../../text/ko/symbols.ts';
import { isBritish, primarySubtag } from '../../../text/language.ts';
import { BRITISH_SYMBOLS, PAD, SYMBOLS } from '../../../text/symbols.ts';
import { describeIssue, ModelFault } from '../../manifest.ts';

/** Symbol of Sori's phoneme table to the model's token ids; an empty list where the model has no token for it. */
export type TokenTable = ReadonlyMap<string, readonly number[]>;

const tableSchema = z.record(z.string(), z.array(z.number().int().nonnegative()));

/**
 * Reads a table of tokens: a JSON object from symbol to ids.
 * @param name of the file, for messages.
 * @param languages BCP 47: languages of the model, whose symbols must be in the table.
 * @throws {ModelFault} when it is no such object, or lacks a symbol.
 */
export function readTokenTable(bytes: Uint8Array, name: string, languages: readonly string[]): TokenTable {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelFault(`${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { data, error } = tableSchema.safeParse(value);
  if (!data) throw new ModelFault(`${name}: ${describeIssue(error)}`);
  const missing = symbolsOf(languages).find((symbol) => !Object.hasOwn(data, symbol));
  if (missing !== undefined) throw new ModelFault(`${name} has no tokens for the symbol "${missing}"`);
  return new Map(Object.entries(data));
}

/** Symbols that utterances in these languages may have. Korean text has English words, and English text has none of Korean. */
function symbolsOf(languages: readonly string[]): readonly string[] {
  const english = SYMBOLS.filter((symbol) => symbol !== PAD);
  const british = languages.some(isBritish) ? BRITISH_SYMBOLS : [];
  const korean = languages.some((language) => primarySubtag(language) === 'ko') ? KOREAN_SYMBOLS : [];
  return [...english, ...british, ...korean.map(({ symbol }) => symbol)];
}

/** Tokens of an utterance. */
export interface Tokens {
  readonly ids: readonly number[];
  /** For each token the index of its symbol. */
  readonly owners: readonly number[];
}

/**
 * Converts the symbols of an utterance to tokens.
 * @throws {RangeError} for a symbol that the table does not have.
 */
export function tokensOf(symbols: readonly string[], table: TokenTable): Tokens {
  const ids: number[] = [];
  const owners: number[] = [];
  for (const [at, symbol] of symbols.entries()) {
    const own = table.get(symbol);
    if (own === undefined) throw new RangeError(`The model has no token for "${symbol}".`);
    for (const id of own) {
      ids.push(id);
      owners.push(at);
    }
  }
  return { ids, owners };
}

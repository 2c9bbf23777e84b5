import { Tokenizer } from '@huggingface/tokenizers';
import { ModelFault } from '../manifest.ts';

/**
 * Opens a `tokenizer.json`.
 * @throws {ModelFault} when it is not a valid one.
 */
export function openTokenizer(bytes: Uint8Array, name: string): Tokenizer {
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    return new Tokenizer(json, { clean_up_tokenization_spaces: false });
  } catch (cause) {
    throw new ModelFault(`${name} is not a valid tokenizer.json: ${(cause as Error).message}`, { cause });
  }
}

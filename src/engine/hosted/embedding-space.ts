import type { StyleSpace } from '../../synthesis/reference/style-id.ts';

/**
 * The style space of a model whose styles are embeddings of length 1. Embeddings of another version may mean other voices.
 * @param size numbers in an embedding; 0 for a model that makes none.
 */
export function embeddingSpace(id: string, version: string, size: number): StyleSpace {
  const style = { mean: new Array<number>(size).fill(0), scale: new Array<number>(size).fill(1) };
  return { name: `${id}@${version}`, styleSize: size, style };
}

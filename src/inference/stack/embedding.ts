import { InferenceError } from '../backend.ts';
import type { Constant } from './graph.ts';
import { floatsOf } from './recognize.ts';

/** A table with a row for each symbol. */
export interface Embedding {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** @throws {NotAStack} when the table is not of floats. */
export function embedding(table: Constant): Embedding {
  return { values: floatsOf(table), rows: table.dims[0], columns: table.dims[1] };
}

/**
 * One row of a table.
 * @param input name of the graph's input that gives the row's number.
 * @throws {InferenceError} when there is no such row.
 */
export function rowOf({ values, rows, columns }: Embedding, row: number, input: string): Float32Array {
  if (!(row >= 0 && row < rows)) throw new InferenceError(`Input "${input}" has no row ${row}`);
  return values.subarray(row * columns, (row + 1) * columns);
}

import { SoriError } from '../../src/base/errors.ts';

/** Code, field and message of the error that a function throws, or `none`. */
export function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SoriError) return `${error.code} ${error.param}: ${error.message}`;
    throw error;
  }
  return 'none';
}

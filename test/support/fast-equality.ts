import { expect } from 'vitest';

const ADDED = Symbol.for('sori.fast-equality');

/** Views with equal bytes are equal. Anything else is left to Vitest, which compares element by element: a second for a minute of speech. */
function sameBytes(a: unknown, b: unknown): boolean | undefined {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined;
  const [one, other] = [a, b].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
  return one.equals(other) || undefined;
}

// Without isolation this file runs once for each test file, and testers stay.
const scope = globalThis as { [ADDED]?: true };
if (!scope[ADDED]) {
  scope[ADDED] = true;
  expect.addEqualityTesters([sameBytes]);
}

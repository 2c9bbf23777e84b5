import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonFaultAt } from '../../../src/base/json-fault.ts';

it.each([
  ['{"a": x, "b": 1}', 6],
  ['{"a": 1,\n}', 9],
  ['[1, 2', 5],
  ['{"a": "b', 8],
  ['{a: 1}', 1],
  ['[1 2]', 3],
  ['[01]', 2],
  ['[tru]', 1],
  ['[TRUE]', 1],
  ['[1E5, "\\u00AB"]]', 15],
  ['["\\q"]', 1],
  ["['a']", 1],
  ['[1,]', 3],
  ['[1}', 2],
  ['{"a" 1}', 5],
  ['', 0],
  ['[1]', 3],
])('%s: the fault is at %i', (text, at) => {
  expect(jsonFaultAt(text)).toBe(at);
});

it('finds no fault before the one that the runtime states, and none in what it reads', () => {
  const changed = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', 'x', '"', ',', ']', '}', ':', '0', '\\', '\n'),
  );
  fc.assert(
    fc.property(changed, ([json, where, piece]) => {
      const at = where % (json.length + 1);
      const text = json.slice(0, at) + piece + json.slice(at + 1);
      let stated: number | undefined;
      try {
        JSON.parse(text);
        stated = text.length;
      } catch (error) {
        stated = Number(/position (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
      }
      const found = jsonFaultAt(text);
      if (Number.isNaN(stated)) return;
      // The runtime states where in a token the fault is, the scanner where the token begins.
      expect(found).toBeLessThanOrEqual(stated);
      if (found < stated) expect(text.slice(found, stated)).toMatch(/^["\-+.\w]|^\s*$/);
    }),
    { numRuns: 500, seed: 8259 },
  );
});

import { expect, it } from 'vitest';
import { fuzzedRequest, randomFrom } from '../../../../scripts/faults/fuzz.ts';

const requestsOf = (seed: number) => {
  const random = randomFrom(seed);
  return Array.from({ length: 500 }, () => fuzzedRequest(random));
};

it('a seed repeats a run of random requests, and another seed does not', () => {
  expect(requestsOf(1)).toEqual(requestsOf(1));
  expect(requestsOf(2)).not.toEqual(requestsOf(1));
});

it('random requests are of many kinds', () => {
  const requests = requestsOf(1);
  expect(new Set(requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).size).toBeGreaterThan(
    20,
  );
  const bodies = requests.map(({ body }) => body).filter((body) => body !== undefined);
  expect(bodies.some((body) => typeof body !== 'string')).toBe(true);
  expect(new Set(bodies).size).toBeGreaterThan(bodies.length / 2);
});

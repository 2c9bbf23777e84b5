import { afterAll } from 'vitest';

const { Request, Response } = globalThis;

// A server of `@hono/node-server` replaces these classes in its process for good. Files that run in the same process get Node's own.
afterAll(() => {
  Object.assign(globalThis, { Request, Response });
});

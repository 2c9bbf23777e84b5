import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';

it('has a bucket', async () => {
  await (env as unknown as { BUCKET: R2Bucket }).BUCKET.put('a', 'b');
  expect(await (await (env as unknown as { BUCKET: R2Bucket }).BUCKET.get('a'))?.text()).toBe('b');
});

import { describe, expect, it } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { type Receiving, UploadRoom } from '../../../src/http/bodies/upload-room.ts';

function setUp(uploads: number, bytes: number) {
  const clock = { ms: 0 };
  const room = new UploadRoom({ uploads, bytes, now: () => clock.ms });
  /** An upload that lasts until the test ends it. */
  const begin = (length?: number) => {
    const headers = length === undefined ? undefined : { 'content-length': String(length) };
    const request = new Request('http://sori.test/', { method: 'POST', headers });
    let receiving!: Receiving;
    let end!: () => void;
    const done = room.during(request, (given) => {
      receiving = given;
      return new Promise<string>((resolve, reject) => {
        end = () => resolve('read');
        given.signal.addEventListener('abort', () => reject(given.signal.reason));
      });
    });
    done.catch(() => {});
    return { done, receive: (count: number) => receiving.received(count), end: () => end() };
  };
  return { room, clock, begin };
}

const faultOf = (work: Promise<unknown>) => work.catch((fault: unknown) => fault as SoriError);

describe('the limit of concurrent uploads', () => {
  it('states in Retry-After when the first upload is expected to end', async () => {
    const { clock, begin } = setUp(2, 1e9);
    const [long, short] = [begin(10_000_000), begin(2_000_000)];
    clock.ms = 1000;
    long.receive(1_000_000);
    short.receive(500_000);
    expect(await faultOf(begin().done)).toMatchObject({ code: 'queue_full', retryAfterSeconds: 3 });
    short.end();
    expect(await short.done).toBe('read');
    const next = begin();
    next.end();
    expect(await next.done).toBe('read');
  });

  it('aborts the slowest upload to make room, but none that is fast or has just begun', async () => {
    const { room, clock, begin } = setUp(3, 1e9);
    const [slow, slower, fast] = [begin(), begin(), begin()];
    clock.ms = 1_999;
    expect(await faultOf(begin().done)).toMatchObject({ code: 'queue_full' });
    clock.ms = 10_000;
    slow.receive(2_000);
    slower.receive(1_000);
    fast.receive(1_000_000);
    begin();
    expect(await faultOf(slower.done)).toMatchObject({ code: 'upload_too_slow' });
    expect(() => slower.receive(1)).toThrow(SoriError);
    begin();
    expect(await faultOf(slow.done)).toMatchObject({ code: 'upload_too_slow' });
    expect(await faultOf(begin().done)).toMatchObject({ code: 'queue_full' });
    expect(room.size).toBe(3);
  });

  it('counts received bytes, and allows one upload of the maximum length', () => {
    const { clock, begin } = setUp(10, 1_000);
    const one = begin();
    one.receive(5_000);
    clock.ms = 100;
    const other = begin();
    expect(() => other.receive(1)).toThrow(expect.objectContaining({ code: 'queue_full' }));
  });
});

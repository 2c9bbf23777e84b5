import { describe, expect, it } from 'vitest';
import { Flights, type FlightWork, StalledFlight } from '../../../src/library/flights.ts';
import { deferred } from '../../support/deferred.ts';

const keepAlive = () => {};
const never = new AbortController().signal;

/** Work of `count` pieces that counts the pieces it has made. */
function counting(count: number, gate?: (index: number) => unknown) {
  const seen = { begun: 0, made: 0, finished: 0, aborted: false };
  const begin = async (signal: AbortSignal): Promise<FlightWork<string>> => {
    seen.begun++;
    signal.addEventListener('abort', () => (seen.aborted = true));
    async function* pieces() {
      for (let index = 0; index < count; index++) {
        await gate?.(index);
        signal.throwIfAborted();
        seen.made++;
        yield Uint8Array.of(index);
      }
    }
    return {
      pieces: pieces(),
      finish: async (made) => {
        seen.finished++;
        return made.map((piece) => piece[0]).join();
      },
    };
  };
  return { seen, begin };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const piece of pieces) all.push(piece[0]);
  return all;
}

/** Waits until all pending promises that can settle have settled. */
const settled = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe('a shared synthesis', () => {
  it('runs once for all readers', async () => {
    const flights = new Flights<string>();
    const { seen, begin } = counting(5);
    const flight = flights.start('a', 1, begin, keepAlive);
    expect(flights.find('a')).toBe(flight);
    const results = await Promise.all([
      collect(flight.read(never)),
      flight.whole(never),
      collect(flight.read(never)),
      flight.whole(never),
    ]);
    expect(results).toEqual([[0, 1, 2, 3, 4], '0,1,2,3,4', [0, 1, 2, 3, 4], '0,1,2,3,4']);
    expect(seen).toMatchObject({ begun: 1, made: 5, finished: 1, aborted: false });
    await settled();
    expect(flights.find('a')).toBeUndefined();
  });

  it('runs as fast as its reader reads, until a request waits for all of it', async () => {
    const flights = new Flights<string>();
    const { seen, begin } = counting(50);
    const flight = flights.start('a', 1, begin, keepAlive);
    const pieces = flight.read(never);
    await pieces.next();
    await settled();
    expect(seen.made).toBeLessThan(4);
    await flight.whole(never);
    expect(seen.made).toBe(50);
    expect(await collect(pieces)).toHaveLength(49);
  });

  it('aborts when the last reader disconnects, and cannot be joined after that', async () => {
    const flights = new Flights<string>();
    const gate = deferred();
    const { seen, begin } = counting(50, (index) => index === 1 && gate.promise);
    const client = new AbortController();
    const pieces = flights.start('a', 1, begin, keepAlive).read(client.signal);
    await pieces.next();
    const next = pieces.next();
    client.abort(new Error('left'));
    await expect(next).rejects.toThrow('left');
    expect(seen.aborted).toBe(true);
    expect(flights.find('a')).toBeUndefined();
    gate.resolve();
    await settled();
    expect(seen).toMatchObject({ made: 1, finished: 0 });
  });

  it('continues for waiting readers when the request that started it disconnects', async () => {
    const flights = new Flights<string>();
    const { seen, begin } = counting(5);
    const flight = flights.start('a', 1, begin, keepAlive);
    const client = new AbortController();
    const pieces = flight.read(client.signal);
    await pieces.next();
    const other = flight.whole(never);
    await pieces.return();
    expect(await other).toBe('0,1,2,3,4');
    expect(seen.aborted).toBe(false);
  });

  it('reports its failure to every reader, and is removed', async () => {
    const flights = new Flights<string>();
    const { begin } = counting(5, (index) => {
      if (index === 2) throw new Error('broken');
    });
    const flight = flights.start('a', 1, begin, keepAlive);
    const results = await Promise.allSettled([collect(flight.read(never)), flight.whole(never)]);
    expect(results.map((result) => (result as PromiseRejectedResult).reason.message)).toEqual([
      'broken',
      'broken',
    ]);
    await settled();
    expect(flights.find('a')).toBeUndefined();
    expect(flights.hasRoom(24 * 1024 * 1024)).toBe(true);
  });

  it('can be read by requests that must not resolve each other’s promises', async () => {
    const flights = new Flights<string>({ pollMs: 1 });
    const { seen, begin } = counting(5);
    const flight = flights.start('a', 1, begin, keepAlive);
    const own = flight.read(never);
    expect((await own.next()).value).toEqual(Uint8Array.of(0));
    // Later listeners may read faster than the first one, whose request runs the synthesis.
    const others = [collect(flight.read(never, false)), collect(flight.read(never, false))];
    expect(await Promise.all(others)).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
    expect(await collect(own)).toEqual([1, 2, 3, 4]);
    await settled();
    expect(seen).toMatchObject({ begun: 1, made: 5, finished: 1, aborted: false });
  });

  it('starts no timer for the reader whose request runs the synthesis', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const flights = new Flights<string>({ pollMs: 60_000 });
    let makePiece!: () => void;
    const made = new Promise<void>((resolve) => (makePiece = resolve));
    async function* pieces() {
      await made;
      yield Uint8Array.of(7);
    }
    const begin = async () => ({ pieces: pieces(), finish: async () => 'stored' });
    const before = timers();
    const flight = flights.start('a', 1, begin, keepAlive);
    const own = collect(flight.read(never));
    await settled();
    expect(timers()).toBe(before);
    makePiece();
    expect(await own).toEqual([7]);
  });

  it('tells a request that must not be woken by another about its end after its own timer', async () => {
    const flights = new Flights<string>({ pollMs: 5 });
    const { begin } = counting(2);
    const flight = flights.start('a', 1, begin, keepAlive);
    const ends: string[] = [];
    const others = ['own', 'other'].map(async (name) => {
      await flight.whole(never, name === 'own');
      ends.push(name);
    });
    await Promise.all(others);
    expect(ends).toEqual(['own', 'other']);
  });

  it('counts its bytes as long as it lasts', async () => {
    const flights = new Flights<string>({ maxBytes: 100 });
    const { begin } = counting(1);
    const flight = flights.start('a', 60, begin, keepAlive);
    expect(flights.hasRoom(40)).toBe(true);
    expect(flights.hasRoom(41)).toBe(false);
    await flight.whole(never);
    await settled();
    expect(flights.hasRoom(100)).toBe(true);
  });

  it('times out for waiting readers when it makes no progress, but not for its maker', async () => {
    const flights = new Flights<string>({ stallMs: 5, maxBytes: 100 });
    const gate = deferred();
    const { begin } = counting(2, () => gate.promise);
    const flight = flights.start('a', 100, begin, keepAlive);
    const patient = flight.whole(never, true);
    await expect(flight.whole(never)).rejects.toThrow(StalledFlight);
    expect(flights.find('a')).toBeUndefined();
    expect(flights.hasRoom(100)).toBe(true);
    gate.resolve();
    expect(await patient).toBe('0,1');
    await settled();
    expect(flights.hasRoom(101)).toBe(false);
  });
});

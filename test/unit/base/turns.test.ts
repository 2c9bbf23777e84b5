import { describe, expect, it, vi } from 'vitest';
import { resample, resampleWork } from '../../../src/audio/resample.ts';
import { atOnce, inTurns, nextTurn, TurnLimit, type Work } from '../../../src/base/turns.ts';
import { logMel, melWork } from '../../../src/synthesis/reference/mel.ts';
import { pitchWork, trackPitch } from '../../../src/synthesis/reference/track-pitch.ts';

/** Ten seconds of a hum at 24 kHz. */
const HUM = Float32Array.from(
  { length: 240_000 },
  (_, n) => 0.3 * Math.sin((2 * Math.PI * 150 * n) / 24_000),
);

/** Runs work to its end; returns its result and the number of parts that it took. */
function counted<T>(work: Work<T>): { result: T; parts: number } {
  for (let parts = 1; ; parts++) {
    const step = work.next();
    if (step.done) return { result: step.value, parts };
  }
}

describe('work in turns', () => {
  it('yields to the event loop between two parts', async () => {
    const order: string[] = [];
    function* work(name: string): Work<string> {
      for (let i = 0; i < 3; i++) {
        order.push(name);
        yield;
      }
      return name;
    }
    expect(await Promise.all([inTurns(work('a')), inTurns(work('b'))])).toEqual(['a', 'b']);
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(atOnce(work('c'))).toBe('c');
  });

  it('throws the signal’s reason when it aborts', async () => {
    const client = new AbortController();
    let parts = 0;
    function* endless(): Work<never> {
      for (;;) {
        if (++parts === 5) client.abort(new Error('gone'));
        yield;
      }
    }
    await expect(inTurns(endless(), client.signal)).rejects.toThrow('gone');
    expect(parts).toBe(5);
  });

  // Ten seconds are 800 frames; a part is to take some milliseconds.
  it.each<[string, () => { result: unknown; parts: number }, () => unknown, number]>([
    ['mel', () => counted(melWork(HUM)), () => logMel(HUM), 12],
    ['pitch', () => counted(pitchWork(HUM)), () => trackPitch(HUM), 25],
    [
      'another rate',
      () => counted(resampleWork(HUM, 44_100, 24_000)),
      () => resample(HUM, 44_100, 24_000),
      15,
    ],
  ])('%s: gives the same result in parts', (_, inParts, whole, least) => {
    const { result, parts } = inParts();
    expect(result).toEqual(whole());
    expect(parts).toBeGreaterThanOrEqual(least);
  });
});

describe('a limit of starts in a turn', () => {
  /** Starts so much work at once; returns the number of starts in each turn of the event loop. */
  async function startsByTurn(limit: TurnLimit, count: number): Promise<number[]> {
    let started = 0;
    const all = Array.from({ length: count }, () => limit.start().then(() => started++));
    const byTurn: number[] = [];
    for (let before = 0; before < count; before += byTurn.at(-1) ?? 0) {
      // All that can continue within this turn does so.
      for (let i = 0; i < 10; i++) await Promise.resolve();
      byTurn.push(started - before);
      if (started < count) await nextTurn();
      else break;
    }
    await Promise.all(all);
    return byTurn;
  }

  it('lets no more start than that', async () => {
    const byTurn = await startsByTurn(new TurnLimit(4), 18);
    expect(Math.max(...byTurn)).toBe(4);
    expect(byTurn.reduce((sum, count) => sum + count, 0)).toBe(18);
  });

  it('does not wait while fewer start', async () => {
    expect((await startsByTurn(new TurnLimit(4), 4))[0]).toBe(4);
  });

  it('goes on when work that waited in front never continues', async () => {
    const limit = new TurnLimit(1);
    await limit.start();
    const turn = vi.spyOn(globalThis, 'setImmediate');
    // In workerd the code of a request whose client has left never continues.
    turn.mockImplementationOnce((() => 0) as unknown as typeof setImmediate);
    void limit.start();
    turn.mockRestore();
    await limit.start();
  });
});

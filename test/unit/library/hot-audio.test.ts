import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HotAudio } from '../../../src/library/hot-audio.ts';
import { META } from '../../contract/audio/audio-store.contract.ts';

const head = (size: number) => ({ size, sha256: '00', stored: new Date(0), meta: META });
const audio = (size: number): [ReturnType<typeof head>, Uint8Array] => [head(size), new Uint8Array(size)];

describe('the in-memory audio cache', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('returns the same object each time', () => {
    const hot = new HotAudio();
    expect(hot.get('a.mp3')).toBeUndefined();
    hot.set(
      'a.mp3',
      { ...head(3), body: 'more than a head' } as ReturnType<typeof head>,
      Uint8Array.of(1, 2, 3),
    );
    expect(hot.get('a.mp3')).toEqual({ head: head(3), bytes: Uint8Array.of(1, 2, 3) });
    expect(hot.get('a.mp3')).toBe(hot.get('a.mp3'));
    hot.delete('a.mp3');
    expect(hot.get('a.mp3')).toBeUndefined();
  });

  it('stores nothing longer than 256 KiB', () => {
    const hot = new HotAudio();
    hot.set('a.wav', ...audio(HotAudio.MAX_BYTES));
    hot.set('b.wav', ...audio(HotAudio.MAX_BYTES + 1));
    expect(hot.get('a.wav')).toBeDefined();
    expect(hot.get('b.wav')).toBeUndefined();
  });

  it('stores 2 MiB in all, and evicts the least recently used', () => {
    const hot = new HotAudio();
    for (let i = 0; i < 7; i++) hot.set(`${i}.wav`, ...audio(HotAudio.MAX_BYTES));
    hot.get('0.wav');
    hot.set('7.wav', ...audio(HotAudio.MAX_BYTES));
    const kept = Array.from({ length: 8 }, (_, i) => i).filter((i) => hot.get(`${i}.wav`));
    expect(kept).toEqual([0, 2, 3, 4, 5, 6, 7]);
    // Small entries count with their overhead of memory.
    for (let i = 0; i < 5000; i++) hot.set(`s${i}.mp3`, ...audio(1));
    expect(
      Array.from({ length: 5000 }, (_, i) => hot.get(`s${i}.mp3`)).filter((found) => found).length,
    ).toBeLessThan(2100);
  });

  it('drops an entry after a minute, however often it is read', () => {
    const hot = new HotAudio();
    hot.set('a.mp3', ...audio(10));
    for (let second = 0; second < 60; second++) {
      expect(hot.get('a.mp3')).toBeDefined();
      vi.setSystemTime(Date.now() + 1000);
    }
    vi.setSystemTime(Date.now() + 1);
    expect(hot.get('a.mp3')).toBeUndefined();
  });

  it('does not keep a large buffer alive for a small part of it', () => {
    const hot = new HotAudio();
    const large = new Uint8Array(1_000_000).fill(7);
    hot.set('a.mp3', head(100), large.subarray(500, 600));
    const { bytes } = hot.get('a.mp3')!;
    expect(bytes.buffer.byteLength).toBe(100);
    expect(bytes).toEqual(new Uint8Array(100).fill(7));
  });
});

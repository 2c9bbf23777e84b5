import { describe, expect, it } from 'vitest';
import { estimateCost, type Work } from '../../../src/placement/cost.ts';
import { type Circumstances, place } from '../../../src/placement/policy.ts';

/** "Your table is ready." as it is spoken by default. */
const PHRASE: Work = {
  characters: 20,
  speed: 1,
  refineSteps: 0,
  diffusionSteps: 0,
  answersPerStep: 1,
  referenceSeconds: 0,
  whole: false,
};
/** 4096 characters. */
const LONG = { ...PHRASE, characters: 4096 };
/** Too much for an isolate: 273 s of audio, each frame refined 32 times. */
const HUGE = { ...LONG, refineSteps: 32 };
const CLONE = { ...PHRASE, referenceSeconds: 6 };

const UP: Circumstances = { origin: 'up', jobs: true, degrade: false };
const DOWN: Circumstances = { ...UP, origin: 'down' };
const NONE: Circumstances = { ...UP, origin: 'none', jobs: false };

describe('where work is done', () => {
  it.each<[string, Work, Circumstances, string, string]>([
    ['a phrase', PHRASE, UP, 'edge', 'small'],
    ['a phrase, the origin down', PHRASE, DOWN, 'edge', 'small'],
    ['a phrase, no origin', PHRASE, NONE, 'edge', 'small'],
    ['a phrase of 32 + 32 steps', { ...PHRASE, refineSteps: 32, diffusionSteps: 32 }, UP, 'edge', 'small'],
    [
      'ten phrases’ worth of 32 steps',
      { ...PHRASE, characters: 200, refineSteps: 32 },
      UP,
      'origin-sync',
      'cost',
    ],
    ['4096 characters', LONG, UP, 'origin-sync', 'cost'],
    ['4096 characters, the origin down', LONG, DOWN, 'edge', 'origin-down'],
    ['4096 characters, no origin', LONG, NONE, 'edge', 'no-origin'],
    ['4096 characters for a telephone', { ...LONG, whole: true }, UP, 'origin-sync', 'memory'],
    [
      'the same at half the speed, no origin',
      { ...LONG, speed: 0.5, whole: true },
      NONE,
      'nowhere',
      'memory',
    ],
    ['a recording', CLONE, UP, 'origin-sync', 'reference'],
    ['a recording, no origin', CLONE, NONE, 'edge', 'no-origin'],
    ['a recording, the origin down', CLONE, DOWN, 'edge', 'origin-down'],
    ['too much', HUGE, UP, 'origin-sync', 'cost'],
    ['too much, no origin', HUGE, NONE, 'nowhere', 'cost'],
    ['too much, the origin down', HUGE, DOWN, 'nowhere', 'cost'],
    ['too much, origin down, fewer steps allowed', HUGE, { ...DOWN, degrade: true }, 'edge', 'degraded'],
    ['too much, no origin, fewer steps allowed', HUGE, { ...NONE, degrade: true }, 'edge', 'degraded'],
    ['what fits, fewer steps allowed', LONG, { ...DOWN, degrade: true }, 'edge', 'origin-down'],
    [
      'too much without any step',
      { ...LONG, speed: 0.25, whole: true },
      { ...DOWN, degrade: true },
      'nowhere',
      'memory',
    ],
    ['a phrase, forced to the origin', PHRASE, { ...UP, forced: 'origin' }, 'origin-sync', 'forced'],
    ['the same, the origin down', PHRASE, { ...DOWN, forced: 'origin', degrade: true }, 'nowhere', 'forced'],
    ['the same, no origin', PHRASE, { ...NONE, forced: 'origin' }, 'nowhere', 'forced'],
    ['much, forced to the edge', LONG, { ...UP, forced: 'edge' }, 'edge', 'forced'],
    ['too much, forced to the edge', HUGE, { ...UP, forced: 'edge' }, 'nowhere', 'cost'],
    ['the same, fewer steps allowed', HUGE, { ...UP, forced: 'edge', degrade: true }, 'edge', 'degraded'],
    ['a job, preferred', LONG, { ...UP, respondAsync: true }, 'origin-async', 'async'],
    ['a job, though the origin is down', HUGE, { ...DOWN, respondAsync: true }, 'origin-async', 'async'],
    ['a job of what is done at once', PHRASE, { ...UP, respondAsync: true, waitMs: 5_000 }, 'edge', 'small'],
    [
      'a job of what takes longer',
      LONG,
      { ...UP, respondAsync: true, waitMs: 5_000 },
      'origin-async',
      'async',
    ],
    ['a job where there are none', LONG, { ...UP, jobs: false, respondAsync: true }, 'origin-sync', 'cost'],
    ['a job, forced to the edge', LONG, { ...UP, respondAsync: true, forced: 'edge' }, 'edge', 'forced'],
  ])('%s', (_, work, circumstances, where, reason) => {
    expect(place(work, circumstances)).toMatchObject({ where, reason });
  });

  it.each([
    ['no origin', HUGE, NONE, 'origin_required'],
    ['the origin down', HUGE, DOWN, 'origin_unavailable'],
    ['forced to no origin', PHRASE, { ...NONE, forced: 'origin' }, 'origin_required'],
    ['forced to an origin that is down', PHRASE, { ...DOWN, forced: 'origin' }, 'origin_unavailable'],
    ['forced to the edge', HUGE, { ...UP, forced: 'edge' }, 'origin_required'],
  ] as const)('refuses work that can be done nowhere with a code: %s', (_, work, circumstances, code) => {
    expect(place(work, circumstances)).toMatchObject({ where: 'nowhere', code });
  });
});

describe('a model with its own costs', () => {
  const small = 10 * 1024 * 1024;
  const costs = { frameMs: 0.3, refineStepMs: 0.08125, styleStepMs: 3, referenceSecondMs: 60 };
  const of = (edgeCosts: Partial<typeof costs>, stageBytes = small): Work => ({
    ...PHRASE,
    refineSteps: 4,
    diffusionSteps: 5,
    referenceSeconds: 2,
    model: { edgeCosts: { ...costs, ...edgeCosts }, stageBytes },
  });

  it('costs what its manifest states for each stage', () => {
    const base = estimateCost(of({}));
    expect(estimateCost({ ...of({}), model: undefined })).toEqual(base);
    const more = (changes: Partial<typeof costs>) => estimateCost(of(changes)).cpuMs - base.cpuMs;
    expect(more({ frameMs: 1.3 })).toBeCloseTo(base.frames, 6);
    expect(more({ refineStepMs: 1.08125 })).toBeCloseTo(4 * base.frames, 6);
    expect(more({ styleStepMs: 4 })).toBeCloseTo(5, 6);
    expect(more({ referenceSecondMs: 61 })).toBeCloseTo(2, 6);
  });

  it('is placed at an origin sooner when it is slow', () => {
    const slow = { ...PHRASE, model: { edgeCosts: { ...costs, frameMs: 40 }, stageBytes: small } };
    expect(place(slow, UP)).toMatchObject({ where: 'origin-sync', reason: 'cost' });
    expect(place(slow, NONE)).toMatchObject({ where: 'edge', reason: 'no-origin' });
  });

  it('goes to an origin, or is refused, when it is too big for an isolate', () => {
    const big = { ...PHRASE, model: { stageBytes: 60 * 1024 * 1024 } };
    expect(place(big, UP)).toMatchObject({ where: 'origin-sync', reason: 'memory' });
    expect(place(big, NONE)).toMatchObject({ where: 'nowhere', code: 'origin_required', reason: 'memory' });
  });
});

describe('a reduction of steps', () => {
  const degraded = (work: Work) => place(work, { ...DOWN, degrade: true });

  it('keeps as many as fit, and reduces the refiner’s first', () => {
    const { work } = degraded({ ...HUGE, diffusionSteps: 5 }) as { work: Work };
    expect(work).toMatchObject({ diffusionSteps: 5, characters: 4096 });
    expect(work.refineSteps).toBeGreaterThan(0);
    expect(work.refineSteps).toBeLessThan(32);
    expect(estimateCost(work).cpuMs).toBeLessThanOrEqual(25_000);
    expect(estimateCost({ ...work, refineSteps: work.refineSteps + 1 }).cpuMs).toBeGreaterThan(25_000);
  });

  it('keeps at least one step of the style sampler', () => {
    const work = { ...LONG, speed: 0.6, refineSteps: 32, diffusionSteps: 32, answersPerStep: 3 };
    expect(degraded(work)).toMatchObject({ where: 'edge', work: { refineSteps: 0 } });
    expect((degraded(work) as { work: Work }).work.diffusionSteps).toBeGreaterThanOrEqual(1);
  });
});

describe('the estimated cost', () => {
  it('is the measured one: 0.024 of real time, 0.05 with 4 refiner steps, 15 ms for 5 style steps', () => {
    const minute = { ...PHRASE, characters: 900 };
    expect(estimateCost(minute)).toMatchObject({ frames: 4800, cpuMs: expect.closeTo(1440, 3) });
    expect(estimateCost({ ...minute, refineSteps: 4 }).cpuMs).toBeCloseTo(3000, 3);
    expect(estimateCost({ ...PHRASE, diffusionSteps: 5 }).cpuMs - estimateCost(PHRASE).cpuMs).toBeCloseTo(
      15,
      6,
    );
  });

  it('grows with everything that adds work', () => {
    const { cpuMs } = estimateCost(LONG);
    for (const more of [{ speed: 0.5 }, { refineSteps: 1 }, { diffusionSteps: 1 }, { referenceSeconds: 3 }]) {
      expect(estimateCost({ ...LONG, ...more }).cpuMs).toBeGreaterThan(cpuMs);
    }
  });
});

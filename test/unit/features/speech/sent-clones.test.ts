import { describe, expect, it } from 'vitest';
import { namesClones } from '../../../../src/features/speech/voices/cloned-voices.ts';
import { takeSentClones } from '../../../../src/features/speech/voices/sent-clones.ts';
import { SPEECH } from '../../../support/apps/access-app.ts';
import { faultOf } from '../../../support/fault-of.ts';

const ANA = `vce_${'a'.repeat(26)}`;
const clones = { [ANA]: 'sty_AVo0' };
const fromEdge = { originGuard: {} };

describe('cloned voices that are sent with a request', () => {
  it('are taken by an origin that answers only its edges', () => {
    const { given, sentClones } = takeSentClones(fromEdge, { ...SPEECH, clones });
    expect([given, sentClones]).toEqual([SPEECH, clones]);
  });

  it('are an unknown field of every other server', () => {
    const body = { ...SPEECH, clones };
    expect(takeSentClones({}, body)).toEqual({ given: body });
  });

  it.each([[SPEECH], ['text'], [null], [[1]]])('are absent in %j', (given) => {
    expect(takeSentClones(fromEdge, given)).toEqual({ given });
  });

  it.each([[{ [ANA]: 'data:audio/wav;base64,AA' }], [{ [ANA]: 1 }], ['sty_'], [null]])(
    'are refused as %j',
    (wrong) => {
      expect(faultOf(() => takeSentClones(fromEdge, { ...SPEECH, clones: wrong }))).toMatch(
        /^invalid_value clones/,
      );
    },
  );
});

describe('namesClones', () => {
  it.each([
    [{ voice: ANA }, true],
    [{ voice: `clara(2)+${ANA}` }, true],
    [{ voice: { id: ANA } }, true],
    [{ voice: { clara: 0.5, [ANA]: 0.5 } }, true],
    [{ input: `<speak><voice name="${ANA}">Hello.</voice></speak>` }, true],
    [{ input: `I am ${ANA}, <voice name="${ANA}">` }, false],
    [{ voice: 'clara' }, false],
    [{ voice: undefined }, false],
  ])('of %j is %s', (changes, expected) => {
    const body = { ...SPEECH, ...changes } as unknown as Parameters<typeof namesClones>[0];
    expect(namesClones(body)).toBe(expected);
    // The pattern keeps no position between calls.
    expect(namesClones(body)).toBe(expected);
  });
});

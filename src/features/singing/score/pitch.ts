const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const NAME = /^([A-G])([#♯]{1,2}|[b♭]{1,2}|x)?(-?\d{1,2})(?:([+-]\d{1,3}))?$/i;

/**
 * MIDI note number of a name in scientific pitch notation: `C4` is 60; `F#3`, `Bb5`, and `C4+25` with cents.
 * @returns `undefined` for what is no such name.
 */
export function parsePitch(name: string): number | undefined {
  const match = NAME.exec(name.trim());
  if (!match) return undefined;
  const [, step, accidental = '', octave, cents = '0'] = match;
  const shift = accidental === 'x' ? 2 : /[#♯]/.test(accidental) ? accidental.length : -accidental.length;
  return 12 * (Number(octave) + 1) + STEPS[step.toUpperCase()] + shift + Number(cents) / 100;
}

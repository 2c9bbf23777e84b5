import { settleParticles } from '../../../text/ko/particles.ts';
import { primarySubtag } from '../../../text/language.ts';
import type { Piece } from './elements.ts';

/**
 * Chooses the forms of the Korean particles after slots, `{name}을(를)`, by the values of the slots. It does not change other locales or the
 * values.
 */
export function withParticles(pieces: readonly Piece[], locale: string): readonly Piece[] {
  if (primarySubtag(locale) !== 'ko') return pieces;
  let before = '';
  return pieces.map((piece) => {
    const text = piece.slot === undefined ? settleParticles(piece.text, before) : piece.text;
    before = (before + text).slice(-80);
    return { ...piece, text };
  });
}

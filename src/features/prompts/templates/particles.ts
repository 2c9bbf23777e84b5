import { settleParticles } from '../../../text/ko/particles.ts';
import { primarySubtag } from '../../../text/language.ts';
import type { Piece } from './elements.ts';

/**
 * Settles the Korean particles that a template leaves open behind its slots, `{name}을(를)`, by the values in them. Other locales, and
 * the values themselves, stay as they are.
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

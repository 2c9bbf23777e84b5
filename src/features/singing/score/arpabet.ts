import { fromArpabet, SYMBOLS } from '../../../text/symbols.ts';

/** Marks of silence and breathing in DiffSinger and OpenUtau scores. */
const SILENCES = new Set(['SP', 'AP', 'EP', 'GS', 'pau', 'sil', 'br', 'cl', '<SP>', '<AP>', 'R', 'rest']);

const BARE = new Set(SYMBOLS.map((symbol) => symbol.replace(/^[ˈˌ]/, '')));

/** Whether a phoneme means silence or breathing. */
export function isSilence(phoneme: string): boolean {
  return SILENCES.has(phoneme);
}

/**
 * IPA of a phoneme as English DiffSinger and OpenUtau dictionaries write it: ARPAbet in any case, with or without a stress digit and a language
 * in front (`en/ih`), or IPA already.
 * @returns `undefined` for what is neither.
 */
export function ipaOf(phoneme: string): string | undefined {
  const bare = phoneme.replace(/^[a-z]{2,3}\//i, '');
  const name = bare.toUpperCase();
  for (const candidate of [name, `${name}1`]) {
    try {
      return fromArpabet(candidate).join('');
    } catch {
      // Not ARPAbet.
    }
  }
  if (name === 'AX') return 'ə';
  if (name === 'DX') return 't';
  return BARE.has(bare) ? bare : undefined;
}

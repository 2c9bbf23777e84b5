const VOICELESS = new Set('p t k tʃ f θ s ʃ h ç x ts tɕ ɕ pʰ tʰ kʰ tɕʰ p͈ t͈ k͈ tɕ͈ s͈ ɕ͈ p̚ t̚ k̚'.split(' '));
const SONORANTS = new Set(['m', 'n', 'ŋ', 'l', 'ɹ', 'w', 'j', 'ɾ', 'r', 'ɰ', 'ɥ']);

/** Voicing of sounds that are always or never voiced: a little less than certain, as in the training data. */
const VOICED = 0.98;
const UNVOICED = 0.02;

/**
 * Voicing by class: nuclei, nasals, liquids and glides are voiced, voiceless consonants are not, and the others (`z`, `b` …) have the
 * voicing of the model. So a long note never becomes a whisper.
 * @param model the prosody network's voicing, 0 to 1.
 */
export function sungVoicing(symbol: string, nucleus: boolean, model: number): number {
  if (nucleus && !VOICELESS.has(symbol)) return Math.max(model, VOICED);
  if (SONORANTS.has(symbol)) return Math.max(model, VOICED);
  return VOICELESS.has(symbol) ? Math.min(model, UNVOICED) : model;
}

/** Sentences to try a voice with, by primary language. */
export const SENTENCES: Readonly<Record<string, string>> = {
  en: 'Your table is ready, and the window is yours!',
  ko: '자리가 준비되었습니다. 창가 자리로 모시겠습니다.',
};

/** The primary language of a BCP 47 tag. */
export function primaryOf(tag: string): string {
  return tag.split('-')[0].toLowerCase();
}

/** A sentence in a language, where there is one. */
export function sentenceIn(tag: string): string | undefined {
  return SENTENCES[primaryOf(tag)];
}

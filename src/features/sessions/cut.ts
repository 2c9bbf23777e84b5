/** A text without the end of a sentence is spoken in parts of about this many characters. */
const LONGEST = 400;
/** Abbreviations whose point does not end a sentence. */
const ABBREVIATION = /(?:^|[\s(“"'])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|No|Inc|Ltd|Co|[A-Z])\.$/;
/** Marks that end a sentence with closing quotes, and the space that shows that no digit or letter follows. */
const END = /[.!?…。！？]+["'”’)\]]*\s+|\n+/g;

/**
 * Cuts the sentences that are complete off a text that is still being written. A sentence is complete when white space follows it, since
 * `3.` may become `3.5`. SSML is not cut: it waits for the end of its document.
 * @returns offset after the last complete sentence; 0 where none is.
 */
export function endOfSentences(text: string): number {
  if (/^\s*<speak[\s>]/.test(text)) {
    const close = text.indexOf('</speak>');
    return close < 0 ? 0 : close + '</speak>'.length;
  }
  let end = 0;
  for (const match of text.matchAll(END)) {
    const sentence = text.slice(end, match.index) + match[0].trimEnd();
    if (match[0].startsWith('.') && ABBREVIATION.test(sentence)) continue;
    end = match.index + match[0].length;
  }
  if (end > 0 || text.length < LONGEST) return end;
  const mark = Math.max(text.lastIndexOf(', '), text.lastIndexOf('; '), text.lastIndexOf(': '));
  return 1 + (mark > LONGEST / 4 ? mark : text.lastIndexOf(' '));
}

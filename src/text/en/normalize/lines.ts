import type { CleanText } from './clean.ts';

/** A separate line: a list item, a heading, a quotation, a table row, a rule, a fence. */
const BLOCK =
  /^\s*(?:[-*•‣◦▪▫–—+]\s|#{1,6}\s|>|\||\d{1,3}[.)]\s|[a-h]\)\s|[ivxIVX]{1,6}[.)]\s|```|~~~|={3,}\s*$|-{3,}\s*$|\*{3,}\s*$)/;
const SENTENCE_END = /[.!?…]["')\]]*$/;
/** Words that don't end a line of a list, so the sentence continues on the next line. */
const GOES_ON =
  /(?:^|\s)(?:a|an|the|of|in|on|at|to|for|with|by|from|as|and|or|but|nor|is|was|are|were|be|been|has|have|had|that|than|into|my|your|his|her|its|our|their|this|these|those|no|not|who|which|will|would|can|could|should|may|might|must|if|when|while|because|mr\.|mrs\.|ms\.|dr\.|prof\.)$/i;
/** A line of at least this many characters was wrapped. A shorter one before a capital is a separate entry. */
const FULL_LINE = 45;
/** Word parts that keep their hyphen at a line break. */
const KEEPS_HYPHEN =
  /(?:-[a-z]+|(?:^|[^a-z])(?:well|self|high|low|long|short|half|cross|ex|non|all|full|hard|old|new|mid|far|ill|so|co))$/i;

/**
 * Removes line breaks inside paragraphs: a break before a lower-case letter, after a comma or inside a phrase becomes a space, and a word
 * hyphenated at the end of a line is joined. Other breaks end the sentence: blank lines, lists, headings, and short lines that start with a
 * capital, such as those of an address or a poem.
 */
export function unwrapLines(clean: CleanText): CleanText {
  if (!clean.text.includes('\n')) return clean;
  const lines = clean.text.split('\n');
  const keep: number[] = [];
  let text = '';
  let at = 0;
  for (const [i, line] of lines.entries()) {
    const next = lines[i + 1];
    const end = at + line.length;
    const joint = next === undefined ? 'break' : jointOf(line, next);
    const written =
      joint === 'word' ? line.trimEnd().slice(0, -1) : joint === 'hyphen' ? line.trimEnd() : line;
    for (let k = 0; k < written.length; k++) keep.push(at + k);
    text += written;
    if (next === undefined) break;
    if (joint === 'break' || joint === 'space') {
      text += joint === 'break' ? '\n' : ' ';
      keep.push(end);
    }
    at = end + 1;
    if (joint === 'word' || joint === 'hyphen') {
      // The next line's indentation goes with the break.
      const indent = next.length - next.trimStart().length;
      lines[i + 1] = next.slice(indent);
      at += indent;
    }
  }
  return { text, starts: keep.map((k) => clean.starts[k]), ends: keep.map((k) => clean.ends[k]) };
}

type Joint = 'break' | 'space' | 'word' | 'hyphen';

function jointOf(line: string, next: string): Joint {
  const [before, after] = [line.trim(), next.trim()];
  if (before === '' || after === '' || BLOCK.test(next) || /^(?:#{1,6}\s|\||```|~~~|[-=*]{3,}$)/.test(before))
    return 'break';
  const hyphen = /([A-Za-z]+)-$/.test(before) && /^[a-z]/.test(after);
  if (hyphen) return KEEPS_HYPHEN.test(before.slice(0, -1)) ? 'hyphen' : 'word';
  if (SENTENCE_END.test(before)) return 'break';
  if (/^[a-z]/.test(after) || /[,;—–-]$/.test(before) || GOES_ON.test(before.slice(-12))) return 'space';
  if (BLOCK.test(line)) return /^\s{2,}/.test(next) ? 'space' : 'break';
  return before.length >= FULL_LINE ? 'space' : 'break';
}

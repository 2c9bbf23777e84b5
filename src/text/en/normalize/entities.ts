/** HTML entities of marks and symbols: name, a space, and the character. */
const NAMED: ReadonlyMap<string, string> = new Map(
  `amp & lt < gt > quot " apos ' copy © reg ® trade ™ hellip … mdash — ndash – lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „
laquo « raquo » bull • middot · deg ° euro € pound £ yen ¥ cent ¢ curren ¤ times × divide ÷ plusmn ± minus − frac12 ½ frac14 ¼
frac34 ¾ sup1 ¹ sup2 ² sup3 ³ sect § para ¶ rarr → larr ← harr ↔ uarr ↑ darr ↓ le ≤ ge ≥ ne ≠ asymp ≈ infin ∞ radic √ sum ∑ prod ∏
int ∫ part ∂ micro µ permil ‰ alpha α beta β gamma γ delta δ epsilon ε theta θ lambda λ mu μ pi π rho ρ sigma σ tau τ phi φ omega ω
Delta Δ Sigma Σ Omega Ω szlig ß aelig æ AElig Æ oelig œ OElig Œ oslash ø Oslash Ø aring å Aring Å eth ð thorn þ iexcl ¡ iquest ¿
ordf ª ordm º shy \u00ad zwj \u200d zwnj \u200c lbrace { rbrace } lsqb [ rsqb ] num # dollar $ percnt % ast * plus + comma , period .
excl ! quest ? sol / colon : semi ; equals = lowbar _ hyphen - grave \` hearts ♥ star ☆ check ✓`
    .split(/\s+/)
    .flatMap((_, i, all): [string, string][] => (i % 2 === 0 ? [[all[i], all[i + 1]]] : [])),
)
  .set('nbsp', '\u00a0')
  .set('ensp', ' ')
  .set('emsp', ' ')
  .set('thinsp', ' ')
  .set('Tab', ' ')
  .set('NewLine', '\n');

/** Letters with an accent: `&eacute;`. */
const ACCENTED = /^([A-Za-z])(?:acute|grave|circ|uml|tilde|cedil|caron|ring|slash)$/;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,8}));/y;

/** An entity at an offset of the text: its character and its length. */
export interface Entity {
  readonly text: string;
  readonly length: number;
}

/** The HTML entity that starts at `at`, if one does. `&` without a known name and `;` is a plain sign. */
export function entityAt(input: string, at: number): Entity | undefined {
  ENTITY.lastIndex = at;
  const match = ENTITY.exec(input);
  if (!match) return undefined;
  const [{ length }, decimal, hex, name] = match;
  if (name !== undefined) {
    const text = NAMED.get(name) ?? ACCENTED.exec(name)?.[1];
    return text === undefined ? undefined : { text, length };
  }
  const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { text: String.fromCodePoint(code), length };
}

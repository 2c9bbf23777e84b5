import type { Cursor } from '../cursor.ts';
import { cardinal, decimal, denominator } from '../numbers/numbers.ts';
import { table } from '../table.ts';
import { speakLetters } from '../words/words.ts';

/** A formula between `$…$`, `$$…$$`, `\(…\)` or `\[…\]`. */
const FORMULA =
  /\$\$([^$\n]{1,240})\$\$|\$([^$\n]{1,240})\$(?!\d)|\\\(([^\n]{1,240}?)\\\)|\\\[([^\n]{1,240}?)\\\]/y;
/** Characters that make text between two dollar signs a formula; without them the signs are money. */
const MATHEMATICAL = /[\\^_=+<>{}]|^[A-Za-z]!?$|^[A-Za-z]\([A-Za-z]\)$|^\d*[a-z]$/;
const TEXT_COMMAND = /\\(?:text(?:bf|it|tt|rm|sc|sf)?|emph|underline|mathrm|mathbf)\{([^{}\n]{1,200})\}/y;
const TOKEN = /\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|\S/g;

/** Commands that are one word or phrase; `|` is nothing. */
const COMMANDS = table(`
  times=times; cdot=times; div=divided by; pm=plus or minus; mp=minus or plus; leq=is less than or equal to
  le=is less than or equal to; geq=is greater than or equal to; ge=is greater than or equal to; neq=is not equal to
  ne=is not equal to; approx=is approximately; equiv=is equivalent to; sim=is similar to; propto=is proportional to
  infty=infinity; to=goes to; rightarrow=goes to; Rightarrow=implies; implies=implies; iff=if and only if; in=is in
  notin=is not in; subset=is a subset of; subseteq=is a subset of; cup=union; cap=intersection; emptyset=the empty set
  forall=for all; exists=there exists; partial=partial; nabla=nabla; ldots=and so on; dots=and so on; cdots=and so on
  varepsilon=epsilon; vartheta=theta; varphi=phi; ll=is much less than; gg=is much greater than; circ=degrees
  angle=angle; perp=is perpendicular to; parallel=is parallel to; mid=given; land=and; lor=or; neg=not; hbar=h bar
  left=; right=; quad=; qquad=; displaystyle=; mathrm=; mathbf=; mathit=; text=; big=; Big=; limits=; bmod=mod; ell=L
`);
const SIGNS: Readonly<Record<string, string>> = {
  '+': 'plus',
  '-': 'minus',
  '=': 'equals',
  '<': 'is less than',
  '>': 'is greater than',
  '*': 'times',
  '/': 'over',
  '!': 'factorial',
  ',': ',',
  '%': 'percent',
};

/** Reads a formula's tokens into words. */
class Formula {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = source.match(TOKEN) ?? [];
  }

  read(until?: string): string {
    const words: string[] = [];
    while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== until) {
      words.push(this.#item());
    }
    this.#at++;
    return words.filter((word) => word !== '').join(' ');
  }

  /** The argument of a command or `^`: a group in braces, or one token. */
  #argument(): string {
    if (this.#tokens[this.#at] === '{') {
      this.#at++;
      return this.read('}');
    }
    // A sign belongs to the number behind it.
    const sign = this.#tokens[this.#at] === '-' ? 'minus ' : '';
    if (sign !== '') this.#at++;
    return this.#at < this.#tokens.length ? sign + this.#item() : sign.trim();
  }

  #item(): string {
    const token = this.#tokens[this.#at++];
    if (token === '{') return this.read('}');
    if (token === '^') return power(this.#argument());
    if (token === '_') return `sub ${this.#argument()}`;
    if (token.startsWith('\\')) return this.#command(token.slice(1));
    if (/^\d/.test(token)) return token.includes('.') ? decimal(token) : cardinal(token);
    if (/^[A-Za-z]$/.test(token)) return token.toUpperCase();
    return SIGNS[token] ?? '';
  }

  #command(name: string): string {
    if (name === 'frac' || name === 'dfrac' || name === 'tfrac') return this.#fraction();
    if (name === 'sqrt') return this.#root();
    if (name === 'sum' || name === 'prod' || name === 'int' || name === 'lim') return this.#bounds(name);
    if (name === '%' || name === '$' || name === '&' || name === '#') return SIGNS[name] ?? '';
    return COMMANDS.get(name) ?? (/^[A-Za-z]{2,}$/.test(name) ? name.toLowerCase() : '');
  }

  #fraction(): string {
    const source = (at: number) => this.#tokens.slice(at, at + 3).join('');
    const top = source(this.#at);
    const spokenTop = this.#argument();
    const bottom = source(this.#at);
    const spokenBottom = this.#argument();
    const digits = (group: string) => /^\{(\d{1,2})\}$/.exec(group)?.[1];
    const [above, below] = [digits(top), digits(bottom)];
    if (above !== undefined && below !== undefined && Number(below) >= 2 && Number(below) <= 10) {
      return `${spokenTop} ${denominator(below, above === '1')}`;
    }
    return `${spokenTop} over ${spokenBottom}`;
  }

  #root(): string {
    if (this.#tokens[this.#at] !== '[') return `square root of ${this.#argument()}`;
    this.#at++;
    const index = this.read(']');
    return index === 'three' ? `cube root of ${this.#argument()}` : `root ${index} of ${this.#argument()}`;
  }

  #bounds(name: string): string {
    const words = { sum: 'sum', prod: 'product', int: 'integral', lim: 'limit' }[name] ?? name;
    let [from, to] = ['', ''];
    while (this.#tokens[this.#at] === '_' || this.#tokens[this.#at] === '^') {
      if (this.#tokens[this.#at++] === '_') from = this.#argument();
      else to = this.#argument();
    }
    if (name === 'lim') return from === '' ? words : `${words} as ${from} of`;
    return [words, from && `from ${from}`, to && `to ${to}`, 'of'].filter((part) => part !== '').join(' ');
  }
}

function power(exponent: string): string {
  if (exponent === 'two') return 'squared';
  if (exponent === 'three') return 'cubed';
  return exponent === 'degrees' ? exponent : `to the power of ${exponent}`;
}

/** A formula of LaTeX, spoken: `$\frac{a}{b}$` is "a over b". Text commands are silent around their text. */
export function latex(c: Cursor): number {
  const text = c.match(TEXT_COMMAND);
  if (text) {
    const words = text[1].match(/[A-Za-z]+(?:'[A-Za-z]+)?|\d+/g) ?? [];
    c.say(
      words.map((word) => (/\d/.test(word) ? cardinal(word) : speakLetters(word))).join(' '),
      0,
      text[0].length,
    );
    return text[0].length;
  }
  const match = c.match(FORMULA);
  if (!match) return 0;
  const source = (match[1] ?? match[2] ?? match[3] ?? match[4]).trim();
  if (match[2] !== undefined && (!MATHEMATICAL.test(source) || /^[\s]|[\s]$/.test(match[2]))) return 0;
  const words = new Formula(source).read();
  if (words === '') return 0;
  c.say(words, 0, match[0].length);
  return match[0].length;
}

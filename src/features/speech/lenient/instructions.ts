/** Meaning of instructions in plain words. Numbers are changes relative to the voice's own delivery. */
export interface Directions {
  /** Emotions and their weights, at most 1 in all. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Factor on the rate. */
  readonly speed?: number;
  /** Semitones. */
  readonly pitch?: number;
  /** Factor on the deviation of the pitch. */
  readonly pitch_range?: number;
  /** dB. */
  readonly energy?: number;
}

type Effect = Readonly<
  { emotion: string } | { speed: number } | { pitch: number } | { range: number } | { energy: number }
>;

/** Characters that are read: directions are short, and every word is looked for. */
const LONGEST_READ = 4096;

/** Weight of an emotion for a word without an adverb of degree. */
const EMOTION_WEIGHT = 0.7;

/** Words and their effects; docs/speech.md has the same table. */
const RULES: readonly (readonly [words: string, effect: Effect])[] = [
  [
    'cheerful|cheery|happy|happily|joyful|joyous|upbeat|excited|enthusiastic|friendly|warm|warmly|bright|positive|playful',
    { emotion: 'happy' },
  ],
  ['밝게|밝은|기쁘게|기쁜|신나게|신나는|즐겁게|즐거운|행복하게|친근하게|따뜻하게', { emotion: 'happy' }],
  [
    'sad|sadly|sorrowful|melancholic|melancholy|gloomy|mournful|somber|sombre|disappointed',
    { emotion: 'sad' },
  ],
  ['슬프게|슬픈|우울하게|우울한|애절하게', { emotion: 'sad' }],
  ['angry|angrily|furious|irritated|annoyed|outraged|hostile', { emotion: 'angry' }],
  ['화나게|화난|분노한', { emotion: 'angry' }],
  ['fearful|afraid|scared|frightened|terrified|nervous|anxious|worried', { emotion: 'fearful' }],
  ['무섭게|무서운|불안하게|불안한|두려운', { emotion: 'fearful' }],
  ['surprised|amazed|astonished|shocked', { emotion: 'surprised' }],
  ['놀라게|놀란|놀라운', { emotion: 'surprised' }],
  [
    'calm|calmly|relaxed|soothing|serene|gentle|gently|peaceful|reassuring|meditative|composed',
    { emotion: 'calm' },
  ],
  ['차분하게|차분한|침착하게|침착한|편안하게|부드럽게', { emotion: 'calm' }],
  ['slow|slowly|slower|unhurried|leisurely|천천히|느리게|느린', { speed: 0.8 }],
  ['fast|faster|quick|quickly|rapid|rapidly|hurried|brisk|briskly|빠르게|빨리|빠른', { speed: 1.25 }],
  ['high[- ]pitched|higher[- ]pitch(?:ed)?|high(?:er)? voice|높은 목소리|높게', { pitch: 2 }],
  ['low[- ]pitched|lower[- ]pitch(?:ed)?|low(?:er)? voice|deep|deeper|낮은 목소리|낮게', { pitch: -2 }],
  ['monotone|monotonous|flat|robotic|단조롭게', { range: 0.5 }],
  ['expressive|expressively|dramatic|dramatically|animated|lively|생동감 있게', { range: 1.4 }],
  ['loud|loudly|louder|shout|shouting|크게', { energy: 4 }],
  ['quiet|quietly|soft|softly|softer|whisper|whispered|whispering|조용히|작게', { energy: -6 }],
];

/** The word must not be part of a longer word. JavaScript's `\b` does not support Hangul. */
const COMPILED = RULES.map(([words, effect]) => ({
  words: new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu'),
  effect,
}));

/** Before a word, these turn it off. */
const NOT = /(?:\b(?:not?|never|without|avoid|less|don['’]t|do not|isn['’]t|nor)\s+(?:[\p{L}-]+\s+){0,3})$/iu;
const STRONG = /(?:\b(?:very|extremely|really|super|highly|much)\s+|(?:아주|매우|정말)\s+)$/iu;
const WEAK =
  /(?:\b(?:slightly|somewhat|a bit|a little|a touch|mildly)\s+(?:more\s+)?|(?:조금|약간|살짝)\s+)$/iu;

/**
 * Reads directions by fixed rules: known words set emotion, speed, pitch, range of the pitch, and loudness. `very` makes an effect half as
 * large again, `slightly` halves it, and `not`, `never` or `don't` up to three words before turns it off.
 * @returns `undefined` where no word is known.
 * @example
 * directionsIn('Cheerful and slightly slow.'); // { emotion: { happy: 0.7 }, speed: 0.89… }
 */
export function directionsIn(instructions: string): Directions | undefined {
  const emotions = new Map<string, number>();
  const sums = { speed: 0, pitch: 0, range: 0, energy: 0 };
  let found = false;
  const text = instructions.slice(0, LONGEST_READ);
  for (const { words, effect } of COMPILED) {
    let strongest = 0;
    for (const { index } of text.matchAll(words)) {
      const before = text.slice(Math.max(0, index - 60), index).replace(/^.*[.!?;:\n]/s, '');
      if (NOT.test(before)) continue;
      strongest = Math.max(strongest, STRONG.test(before) ? 1.5 : WEAK.test(before) ? 0.5 : 1);
    }
    if (strongest === 0) continue;
    found = true;
    if ('emotion' in effect) {
      const weight = Math.min(1, EMOTION_WEIGHT * strongest);
      emotions.set(effect.emotion, Math.max(emotions.get(effect.emotion) ?? 0, weight));
    } else if ('speed' in effect) sums.speed += Math.log(effect.speed) * strongest;
    else if ('pitch' in effect) sums.pitch += effect.pitch * strongest;
    else if ('range' in effect) sums.range += Math.log(effect.range) * strongest;
    else sums.energy += effect.energy * strongest;
  }
  if (!found) return undefined;
  const total = Math.max(
    1,
    [...emotions.values()].reduce((sum, weight) => sum + weight, 0),
  );
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  // Rounded down, so that weights do not exceed 1 in all.
  const share = (weight: number) => Math.floor((weight / total) * 1000) / 1000;
  return {
    ...(emotions.size > 0 && {
      emotion: Object.fromEntries([...emotions].map(([name, weight]) => [name, share(weight)])),
    }),
    ...(sums.speed !== 0 && { speed: rounded(Math.exp(sums.speed)) }),
    ...(sums.pitch !== 0 && { pitch: sums.pitch }),
    ...(sums.range !== 0 && { pitch_range: rounded(Math.exp(sums.range)) }),
    ...(sums.energy !== 0 && { energy: sums.energy }),
  };
}

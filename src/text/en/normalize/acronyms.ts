import { table } from './table.ts';

/** Written in capitals, spoken as a word. */
const WORDS = new Set(
  `nasa nato unesco unicef opec aids laser radar scuba sonar ascii ram rom pin sim gif nafta fifa uefa cobol fema
  osha hipaa covid sars mers nand lan wan swat potus scotus flotus yolo fomo ikea lego nasdaq nascar asean cern captcha
  yaml norad darpa midi mime bios zip interpol europol dos lidar qwerty raid taser nimby awol bafta ebitda fafsa posix
  seti stem unix peta maga brics crud rest soap ajax wasm linux java ruby rust sata usaid basic fortran gnome
  moma epcot saab fiat ebola delta zoom visa hud pac tarp sids lisp hamas isis daesh`.split(/\s+/),
);

/** Four letters or more that look like a word and are spelled out all the same; also shorter ones, for shouted lines. */
const SPELLED = new Set(
  `fbi cia usa uk eu un uae ussr nyc lapd nypd doj dea atf irs sec fda epa cdc nih nsa dhs tsa faa fcc ftc nfl nba mlb
  nhl ncaa ufc wwe espn cnn bbc nbc abc cbs pbs npr hbo mtv bmw ibm amd hp cpu gpu tpu npu usb html http https css xml
  sql php api sdk url uri dns ip tcp udp ftp ssh ssl tls vpn pdf csv svg png bmp mp3 mp4 dvd cd tv pc ac dc led lcd gps
  atm id iq eq hr pr ceo cfo cto coo cmo mba bsc msc phd md rn ba ma llc llp gdp gnp ira dna rna hiv mri ct ekg ecg icu
  er ucla usc mit nyu aclu aarp adhd asap faq diy rsvp vip mvp wto imf who oecd apa acl ama ada aaa eta etd rip tba tbd
  omg lol idk imo btw fyi aka brb nsfw ai ml llm nlp ocr asr tts stt ui ux ide os ios rpm mph kph bpm fps dpi utc gmt
  est edt cst cdt mst mdt pst pdt cet cest bst uefi lgbt lgbtq lgbtqia nra aoc jfk lbj fdr mlk rbg bce ce bc ad aarp
  ymca ywca ieee acm eeg spca aspca naacp ucsf ucsd suv rv ev atv uv ar vr xr kgb gop dnc rnc emt
  iou oem odm iaea iops ufo ansi iso nimh`.split(/\s+/),
);

/** Short English words that are often put in capitals for stress; not read as initialisms. */
const PLAIN = new Set(
  `a i an and any are as at be big but buy by can day did do end few for free from get go good got had has have he help
  her here hers hey hi him his hot how if in into is its just keep kid let like live look love lot make man many may me
  men more most much must my need never new next nice no none nor not now of off oh old on once one only open or our out
  over own part past play put read real red run safe sale same saw say see sell set she show sign sit slow so some
  soon stop such sure take talk than that the them then they this time to too top try turn two up upon use very wait
  want war was way we well went were what when why will win with work yes yet you your zero zoo mom dad god boy girl baby
  hello stay fire exit push pull sold best back both down each easy even ever fact fast feel find gave give gone hard
  high hold home hope huge idea june july kill kind know last late left less life line list long lost main mean mind
  mine miss move name near note okay page paid pass pick plan plus poor post pure quit rate rest rich ride right rule
  said save send shut side size star step tell test text true type user view vote walk wall warm week wide wife wild wish
  word year`.split(/\s+/),
);

/** Initialisms that people also write in small letters. */
const SMALL = new Set(
  `html http https css xml sql php api apis url urls usb pdf dvd tv mp ssh ftp npm dns vpn cpu gpu gps dna rna hiv fyi
  btw omg idk imo lol diy faq aka rsvp phd ceo cfo cto rgb svg png csv ufo ufos`.split(/\s+/),
);

/** Spoken otherwise than spelled, whatever the case. */
const RESPELLED = table(`
  jpeg=jay peg; jpg=jay peg; json=jason; noaa=noah; saas=sass; paas=pass; gaap=gap; ok=okay
  ieee=I triple E; naacp=N double A C P; aaa=triple A; wysiwyg=wizzy wig; gui=gooey; scsi=scuzzy
  wwi=world war one; wwii=world war two; ctrl=control; cmd=command; esc=escape
`);

/** Initialisms that are words too: on a shouted line, the word is likelier. */
const AMBIGUOUS = new Set('who it us un ad ma pa er id or am rip aids est'.split(' '));

const ONSETS =
  '(?:[bcdfghjklmnpqrstvwyz]|b[lr]|c[hlr]|d[r]|f[lr]|g[hlr]|kn|k[lr]|p[hlr]|qu|s[chklmnpqtw]|sch|scr|spl|spr|str|shr|t[hrw]|thr|w[hr])';
const CODAS =
  '(?:[bcdfgklmnprstvwxyz]|ch|ck|ct|ff|ft|gh|ld|lf|lk|ll|lm|lp|lt|mb|mp|nd|ng|nk|nn|ns|nt|pt|r[bcdfgklmnpstv]|rr|s[hkpst]|t[ht]|tch|ght|x)';
/** One or two syllables that an English speaker would rather read than spell. */
const READABLE = new RegExp(
  `^${ONSETS}?[aeiouy]{1,2}(?:${CODAS}[aeiouy]{0,2}|${ONSETS}[aeiouy]{1,2}${CODAS}?)?e?$`,
);

/** How a group of letters without case of its own is spoken: as a word, by its letters, or respelled. */
export type Reading = { readonly as: 'word' | 'letters' } | { readonly as: 'words'; readonly words: string };

const WORD: Reading = { as: 'word' };
const LETTERS: Reading = { as: 'letters' };

/**
 * How to read letters of one case.
 * @param written all capitals, or all small.
 * @param shouting the whole line is in capitals, so that they mean nothing.
 */
export function readingOf(written: string, shouting: boolean): Reading {
  const key = written.toLowerCase();
  const respelled = RESPELLED.get(key);
  if (respelled !== undefined) return { as: 'words', words: respelled };
  const hasVowel = /[aeiouy]/.test(key);
  if (written === key) return (SMALL.has(key) || !hasVowel) && isSpellable(key) ? LETTERS : WORD;
  if (key.length === 1 || WORDS.has(key)) return WORD;
  if (shouting) return hasVowel && (AMBIGUOUS.has(key) || !SPELLED.has(key)) ? WORD : LETTERS;
  if (SPELLED.has(key)) return LETTERS;
  if (PLAIN.has(key)) return WORD;
  if (key.length <= 3) return LETTERS;
  if (key.length === 4) return READABLE.test(key) ? WORD : LETTERS;
  return hasVowel && !/[^aeiouy]{5}/.test(key) ? WORD : LETTERS;
}

/** Small letters without a vowel: `mp`, `tv`, `xml`, but not `hmm`, `shh`, `pst`. */
function isSpellable(key: string): boolean {
  return (
    key.length <= 5 &&
    !/^(?:h?m+|sh+|p?s+t|z+|br+|gr+|ph|nth|th|st|nd|rd|hm+ph|tsk|psst|pfft|s|t|d|ll|m|ve|re)$/.test(key)
  );
}

import { table } from '../table.ts';

/** Written in capitals, spoken as a word. */
const WORDS = new Set(
  `nasa nato unesco unicef opec aids laser radar scuba sonar ascii ram rom pin sim gif nafta fifa uefa cobol fema
  osha hipaa covid sars mers nand lan wan swat potus scotus flotus yolo fomo ikea lego nasdaq nascar asean cern captcha
  yaml norad darpa midi mime bios zip interpol europol dos lidar qwerty raid taser nimby awol bafta ebitda fafsa posix
  seti stem unix peta maga brics crud rest soap ajax wasm linux java ruby rust sata usaid basic fortran gnome
  mac moma epcot saab fiat ebola delta zoom visa hud pac tarp sids lisp hamas isis daesh`.split(/\s+/),
);

/** Initialisms that look like words but are spelled out: four letters or more, and shorter ones for lines in capitals. */
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

/** Short English words that are written in capitals for emphasis. They are not initialisms. */
const PLAIN = new Set(
  `a able ably acid act acts add age aged ago aid aim air akin all also an and anti any apps are area arm arms army
  art arts as ask at ate away awe axe axis baby back bad bag bags bail bake ball band bank bar bare bars base bat
  bath be bean bear beat bed beds been beer bell belt bent best big bill bird bit blog blow blue boat body bolt bona
  bone book boon bore born both bow bowl box boy boys bulk burn bus bush busy but butt buy by cab cage call calm
  came camp can cap car card care cars cart case cash cast cell chat chef chip city clip club clue coal coat cock
  code coin cold come cook cool copy cord corn cost crew crib cry cup cups curb cut cute dad damn damp dark data
  date day days dead deal debt deck deed deep deer demo den deny desk did die died diem diet dirt dish do dock does
  dog dogs done doom door dose down draw drew drop dry due dues dug duly dumb dust duty each ear ears ease east easy
  eat edge edit egg else en end ends ere etc even ever evil exam exit eye eyes face fact fair fall fans far fare
  farm fast fat fate fats fear fee feel fees feet fell felt few fide file fill find fine fire firm fish fist fit
  fits five fix fled flee flew flip flow fly foal folk fond food foot for fore form foul four fox free frog from
  fuel full fund gain game gang gap gas gate gave gaze get gift gin girl give glad go goal god goes gold gone good
  got grab gray grew grow grub gun guns guy guys gym hack had hair half hall hand hang hard harm has hat hate have
  he head hear heat heed heel held hell hello help her here hero hers hey hi hid high him hind hire his hit hold
  hole home hook hope host hot hour how hug huge hung hurt hype i idea idle if ill in inch ink inn into iron is item
  its jail jam jar jaw jet job jobs join joke joy joys july jump june junk jury just keen keep keg kept key keys
  kick kid kill kind king kiss kit knee knew know lab lace lack lad lads lady laid lake land lap last late law lawn
  laws lax lay lazy lead leaf left leg legs less lest let lid lie lied lies life lift like lime line link lip lips
  list live ller load loaf lock log long look lose loss lost lot loud love low luck mad made maid mail main make
  male man many map mark mask mass mate mats max may me meal mean meat meek meet meme men menu mere met mild mile
  mind mine miss mix moat mob mode mom mood moon more most move much mud mug must my name nap near neat neck need
  never new news next nice nine no nod non none noon nope nor nose not note now nut nuts oak oath odd of off oh oil
  okay old on once one ones only onto oops open or our out oven over owl own pace pad page paid pain pair pal pale
  palm pan park part pass past path paw pay pea pen per pet pew pick pie pig pink pint pipe pit plan play plea plot
  plus pond pony pool poor pop post pot pour pray pro pub pull pump pup pure push put quit race rag rage rags rain
  ran rang rank rare rash rate raw re read real rear red rely rent rest rib rich rid ride right ring riot rise risk
  road roar rob rock rod rode rods role roll roof room root rope rose rot row rows rub rude rug rugs ruin rule run
  runs rush sack sad safe said sake sale salt same sand sane sank sap sat save saw say says scan sea seas seat see
  seek seem seen sees self sell semi send sent set sets sew sham she shed ship shoe shop shot show shut shy sick
  side sign silk sin sip sir sit site six size skin skip sky slew slip slow snow so sob soda soft soil sold sole
  some son song sons soon sort soul soup soy spa spam span spot spur star stay step stir stop sub such suit sum sums
  sun sung sure swap swim tag tail take tale talk tall tan tap tape task tax tea team tear tech teen tell ten tend
  tent term test text than that the thee them then they thin this thou thus thy tie tied till time tiny tip to toe
  toes toil told toll ton tone too took tool top tore torn tour town toy trap tray trip trot true try tub tube tuft
  turf turn two type ugly unit unto up upon use used user uses van vary vast veil very vet via vibe vice view viz
  vote wage wait walk wall want war ward warm was wash wave wax way ways we weak wear wed week well went were west
  wet what when whom why wide wife wig wild will win wind wine wing wise wish with wolf won wood word wore work worn
  yard ye yeah year yell yes yet yoga yoke you your zap zero zoo`.split(/\s+/),
);

/** Initialisms that are also written in lower case. */
const SMALL = new Set(
  `html http https css xml sql php api url usb pdf dvd tv mp ssh ftp npm dns vpn cpu gpu gps dna rna hiv fyi btw omg
  idk imo lol diy faq aka rsvp phd ceo cfo cto coo rgb svg png csv ufo fbi cia nsa nba nfl hdmi aws hbo usa uk eu ai
  ui ux ios asap atm eta bbc cnn llm gpt sms hr id mri vip mvp suv usd gdp tbh tbd tba fps rpm vr xr iot sdk lte nfc
  lcd oled kyc crm erp hvac adhd ptsd nyc ufc`.split(/\s+/),
);

/** Initialisms with a spoken form of their own, in any case. */
const RESPELLED = table(`
  jpeg=jay peg; jpg=jay peg; json=jason; noaa=noah; saas=sass; paas=pass; gaap=gap; ok=okay
  ieee=I triple E; naacp=N double A C P; aaa=triple A; wysiwyg=wizzy wig; gui=gooey; scsi=scuzzy
  wwi=world war one; wwii=world war two; ctrl=control; cmd=command; esc=escape
`);

/** Initialisms that are also words. In a line in capitals the word is more likely. */
const AMBIGUOUS = new Set('who it us un ad ma pa er id or am rip aids est'.split(' '));

const ONSETS =
  '(?:[bcdfghjklmnpqrstvwyz]|b[lr]|c[hlr]|d[r]|f[lr]|g[hlr]|kn|k[lr]|p[hlr]|qu|s[chklmnpqtw]|sch|scr|spl|spr|str|shr|t[hrw]|thr|w[hr])';
const CODAS =
  '(?:[bcdfgklmnprstvwxyz]|ch|ck|ct|ff|ft|gh|ld|lf|lk|ll|lm|lp|lt|mb|mp|nd|ng|nk|nn|ns|nt|pt|r[bcdfgklmnpstv]|rr|s[hkpst]|t[ht]|tch|ght|x)';
/** One or two syllables that an English speaker would rather read than spell. */
const READABLE = new RegExp(
  `^${ONSETS}?[aeiouy]{1,2}(?:${CODAS}[aeiouy]{0,2}|${ONSETS}[aeiouy]{1,2}${CODAS}?)?e?$`,
);

/** Reading of a group of letters: as a word, letter by letter, or respelled. */
export type Reading = { readonly as: 'word' | 'letters' } | { readonly as: 'words'; readonly words: string };

const WORD: Reading = { as: 'word' };
const LETTERS: Reading = { as: 'letters' };

/**
 * How to read letters of one case.
 * @param written all capitals, or all small.
 * @param shouting the whole line is in capitals, so capitals don't indicate initialisms.
 */
export function readingOf(written: string, shouting: boolean): Reading {
  const key = written.toLowerCase();
  const respelled = RESPELLED.get(key);
  if (respelled !== undefined) return { as: 'words', words: respelled };
  const hasVowel = /[aeiouy]/.test(key);
  if (written === key) return SMALL.has(key) || (!hasVowel && isSpellable(key)) ? LETTERS : WORD;
  if (key.length === 1 || WORDS.has(key)) return WORD;
  if (shouting) return hasVowel && (AMBIGUOUS.has(key) || !SPELLED.has(key)) ? WORD : LETTERS;
  if (SPELLED.has(key)) return LETTERS;
  if (PLAIN.has(key)) return WORD;
  if (key.length <= 3) return LETTERS;
  if (key.length === 4) return READABLE.test(key) ? WORD : LETTERS;
  return hasVowel && !/[^aeiouy]{5}/.test(key) ? WORD : LETTERS;
}

/** Whether it is the plural of an initialism in lower case, such as `pdfs`. */
export function isSmallPlural(key: string): boolean {
  return key.endsWith('s') && !SMALL.has(key) && SMALL.has(key.slice(0, -1));
}

/** Small letters without a vowel: `mp`, `tv`, `xml`, but not `hmm`, `shh`, `pst`. */
function isSpellable(key: string): boolean {
  return (
    key.length <= 5 &&
    !/^(?:h?m+|sh+|p?s+t|z+|br+|gr+|ph|nth|th|st|nd|rd|hm+ph|tsk|psst|pfft|s|t|d|ll|m|ve|re)$/.test(key)
  );
}

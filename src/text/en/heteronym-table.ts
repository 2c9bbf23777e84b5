/**
 * Words whose stress or vowels differ between verb and noun or adjective, in ARPAbet: word, noun or adjective, verb, and the default if no
 * rule applies. Plurals and third persons are derived by rule.
 */
const TABLE = `
abstract	AE1 B S T R AE2 K T	AE0 B S T R AE1 K T	n
abuse	AH0 B Y UW1 S	AH0 B Y UW1 Z	n
accent	AE1 K S EH2 N T	AE0 K S EH1 N T	n
addict	AE1 D IH0 K T	AH0 D IH1 K T	n
advocate	AE1 D V AH0 K AH0 T	AE1 D V AH0 K EY2 T	n
affect	AE1 F EH0 K T	AH0 F EH1 K T	v
affiliate	AH0 F IH1 L IY0 AH0 T	AH0 F IH1 L IY0 EY2 T	n
aggregate	AE1 G R AH0 G AH0 T	AE1 G R AH0 G EY2 T	n
ally	AE1 L AY0	AH0 L AY1	n
alternate	AO1 L T ER0 N AH0 T	AO1 L T ER0 N EY2 T	n
animate	AE1 N AH0 M AH0 T	AE1 N AH0 M EY2 T	v
annex	AE1 N EH2 K S	AH0 N EH1 K S	n
appropriate	AH0 P R OW1 P R IY0 AH0 T	AH0 P R OW1 P R IY0 EY2 T	n
approximate	AH0 P R AA1 K S AH0 M AH0 T	AH0 P R AA1 K S AH0 M EY2 T	n
articulate	AA0 R T IH1 K Y AH0 L AH0 T	AA0 R T IH1 K Y AH0 L EY2 T	n
associate	AH0 S OW1 SH IY0 AH0 T	AH0 S OW1 SH IY0 EY2 T	n
attribute	AE1 T R AH0 B Y UW2 T	AH0 T R IH1 B Y UW0 T	n
combat	K AA1 M B AE2 T	K AH0 M B AE1 T	n
combine	K AA1 M B AY0 N	K AH0 M B AY1 N	v
commune	K AA1 M Y UW0 N	K AH0 M Y UW1 N	n
compound	K AA1 M P AW0 N D	K AH0 M P AW1 N D	n
compress	K AA1 M P R EH0 S	K AH0 M P R EH1 S	v
concert	K AA1 N S ER0 T	K AH0 N S ER1 T	n
conduct	K AA1 N D AH0 K T	K AH0 N D AH1 K T	n
confederate	K AH0 N F EH1 D ER0 AH0 T	K AH0 N F EH1 D ER0 EY2 T	n
confine	K AA1 N F AY2 N	K AH0 N F AY1 N	v
conflict	K AA1 N F L IH0 K T	K AH0 N F L IH1 K T	n
conglomerate	K AH0 N G L AA1 M ER0 AH0 T	K AH0 N G L AA1 M ER0 EY2 T	n
conjugate	K AA1 N JH AH0 G AH0 T	K AA1 N JH AH0 G EY2 T	v
conscript	K AA1 N S K R IH0 P T	K AH0 N S K R IH1 P T	n
console	K AA1 N S OW0 L	K AH0 N S OW1 L	n
consort	K AA1 N S AO0 R T	K AH0 N S AO1 R T	n
construct	K AA1 N S T R AH0 K T	K AH0 N S T R AH1 K T	v
consummate	K AA1 N S AH0 M AH0 T	K AA1 N S AH0 M EY2 T	n
contest	K AA1 N T EH0 S T	K AH0 N T EH1 S T	n
contract	K AA1 N T R AE2 K T	K AH0 N T R AE1 K T	n
contrast	K AA1 N T R AE0 S T	K AH0 N T R AE1 S T	n
converse	K AA1 N V ER0 S	K AH0 N V ER1 S	v
convert	K AA1 N V ER0 T	K AH0 N V ER1 T	v
convict	K AA1 N V IH0 K T	K AH0 N V IH1 K T	n
coordinate	K OW0 AO1 R D AH0 N AH0 T	K OW0 AO1 R D AH0 N EY2 T	v
correlate	K AO1 R AH0 L AH0 T	K AO1 R AH0 L EY2 T	v
decrease	D IY1 K R IY2 S	D IH0 K R IY1 S	n
defect	D IY1 F EH0 K T	D IH0 F EH1 K T	n
degenerate	D IH0 JH EH1 N ER0 AH0 T	D IH0 JH EH1 N ER0 EY2 T	n
delegate	D EH1 L AH0 G AH0 T	D EH1 L AH0 G EY2 T	n
deliberate	D IH0 L IH1 B ER0 AH0 T	D IH0 L IH1 B ER0 EY2 T	n
desert	D EH1 Z ER0 T	D IH0 Z ER1 T	n
desolate	D EH1 S AH0 L AH0 T	D EH1 S AH0 L EY2 T	n
deviate	D IY1 V IY0 AH0 T	D IY1 V IY0 EY2 T	v
diffuse	D IH0 F Y UW1 S	D IH0 F Y UW1 Z	n
digest	D AY1 JH EH0 S T	D AY0 JH EH1 S T	v
discard	D IH1 S K AA0 R D	D IH0 S K AA1 R D	v
discharge	D IH1 S CH AA2 R JH	D IH0 S CH AA1 R JH	n
discount	D IH1 S K AW0 N T	D IH0 S K AW1 N T	n
document	D AA1 K Y AH0 M AH0 N T	D AA1 K Y AH0 M EH2 N T	n
duplicate	D UW1 P L AH0 K AH0 T	D UW1 P L AH0 K EY2 T	n
elaborate	IH0 L AE1 B R AH0 T	IH0 L AE1 B ER0 EY2 T	n
entrance	EH1 N T R AH0 N S	EH0 N T R AE1 N S	n
escort	EH1 S K AO0 R T	EH0 S K AO1 R T	n
estimate	EH1 S T AH0 M AH0 T	EH1 S T AH0 M EY2 T	n
excuse	IH0 K S K Y UW1 S	IH0 K S K Y UW1 Z	n
expatriate	EH0 K S P EY1 T R IY0 AH0 T	EH0 K S P EY1 T R IY0 EY2 T	n
exploit	EH1 K S P L OY2 T	EH0 K S P L OY1 T	v
export	EH1 K S P AO0 R T	EH0 K S P AO1 R T	n
extract	EH1 K S T R AE2 K T	IH0 K S T R AE1 K T	v
ferment	F ER1 M EH0 N T	F ER0 M EH1 N T	v
fragment	F R AE1 G M AH0 N T	F R AE0 G M EH1 N T	n
frequent	F R IY1 K W AH0 N T	F R IY0 K W EH1 N T	n
graduate	G R AE1 JH AH0 W AH0 T	G R AE1 JH AH0 W EY2 T	n
house	HH AW1 S	HH AW1 Z	n
impact	IH1 M P AE0 K T	IH2 M P AE1 K T	n
implant	IH1 M P L AE2 N T	IH2 M P L AE1 N T	n
implement	IH1 M P L AH0 M AH0 N T	IH1 M P L AH0 M EH2 N T	v
import	IH1 M P AO2 R T	IH2 M P AO1 R T	n
imprint	IH1 M P R IH0 N T	IH2 M P R IH1 N T	n
incense	IH1 N S EH2 N S	IH2 N S EH1 N S	n
incline	IH1 N K L AY0 N	IH0 N K L AY1 N	n
increase	IH1 N K R IY2 S	IH0 N K R IY1 S	n
increment	IH1 N K R AH0 M AH0 N T	IH1 N K R AH0 M EH2 N T	n
initiate	IH0 N IH1 SH IY0 AH0 T	IH0 N IH1 SH IY0 EY2 T	v
insert	IH1 N S ER2 T	IH0 N S ER1 T	v
insult	IH1 N S AH2 L T	IH0 N S AH1 L T	n
interchange	IH1 N T ER0 CH EY2 N JH	IH2 N T ER0 CH EY1 N JH	n
intern	IH1 N T ER0 N	IH0 N T ER1 N	n
intimate	IH1 N T AH0 M AH0 T	IH1 N T AH0 M EY2 T	n
invite	IH1 N V AY2 T	IH0 N V AY1 T	v
isolate	AY1 S AH0 L AH0 T	AY1 S AH0 L EY2 T	v
legitimate	L AH0 JH IH1 T AH0 M AH0 T	L AH0 JH IH1 T AH0 M EY2 T	n
misconduct	M IH0 S K AA1 N D AH0 K T	M IH0 S K AH0 N D AH1 K T	n
misprint	M IH1 S P R IH0 N T	M IH0 S P R IH1 N T	n
misuse	M IH0 S Y UW1 S	M IH0 S Y UW1 Z	n
moderate	M AA1 D ER0 AH0 T	M AA1 D ER0 EY2 T	n
object	AA1 B JH EH0 K T	AH0 B JH EH1 K T	n
overlap	OW1 V ER0 L AE2 P	OW2 V ER0 L AE1 P	n
perfect	P ER1 F IH2 K T	P ER0 F EH1 K T	n
perfume	P ER1 F Y UW2 M	P ER0 F Y UW1 M	n
permit	P ER1 M IH2 T	P ER0 M IH1 T	n
pervert	P ER1 V ER0 T	P ER0 V ER1 T	n
predicate	P R EH1 D AH0 K AH0 T	P R EH1 D AH0 K EY2 T	n
present	P R EH1 Z AH0 N T	P R IY0 Z EH1 N T	n
produce	P R OW1 D UW0 S	P R AH0 D UW1 S	v
progress	P R AA1 G R EH2 S	P R AH0 G R EH1 S	n
project	P R AA1 JH EH0 K T	P R AH0 JH EH1 K T	n
protest	P R OW1 T EH2 S T	P R AH0 T EH1 S T	n
rebel	R EH1 B AH0 L	R IH0 B EH1 L	n
rebound	R IY1 B AW0 N D	R IH0 B AW1 N D	n
recall	R IY1 K AO2 L	R IH0 K AO1 L	v
record	R EH1 K ER0 D	R IH0 K AO1 R D	n
recount	R IY1 K AW0 N T	R IH0 K AW1 N T	v
redress	R IY1 D R EH2 S	R IH0 D R EH1 S	n
refill	R IY1 F IH0 L	R IY0 F IH1 L	n
refund	R IY1 F AH2 N D	R IH0 F AH1 N D	n
refuse	R EH1 F Y UW2 S	R AH0 F Y UW1 Z	v
reject	R IY1 JH EH0 K T	R IH0 JH EH1 K T	v
relay	R IY1 L EY2	R IY0 L EY1	n
remake	R IY1 M EY0 K	R IY0 M EY1 K	n
replay	R IY1 P L EY0	R IY0 P L EY1	n
reprint	R IY1 P R IH0 N T	R IY0 P R IH1 N T	n
resume	R EH1 Z AH0 M EY2	R IH0 Z UW1 M	v
retake	R IY1 T EY2 K	R IY0 T EY1 K	v
reuse	R IY0 Y UW1 S	R IY0 Y UW1 Z	v
rewrite	R IY1 R AY0 T	R IY0 R AY1 T	v
segment	S EH1 G M AH0 N T	S EH0 G M EH1 N T	n
separate	S EH1 P ER0 AH0 T	S EH1 P ER0 EY2 T	n
subject	S AH1 B JH IH0 K T	S AH0 B JH EH1 K T	n
subordinate	S AH0 B AO1 R D AH0 N AH0 T	S AH0 B AO1 R D AH0 N EY2 T	n
survey	S ER1 V EY2	S ER0 V EY1	n
suspect	S AH1 S P EH2 K T	S AH0 S P EH1 K T	n
syndicate	S IH1 N D IH0 K AH0 T	S IH1 N D IH0 K EY2 T	n
torment	T AO1 R M EH2 N T	T AO0 R M EH1 N T	n
transfer	T R AE1 N S F ER0	T R AE0 N S F ER1	n
transplant	T R AE1 N S P L AE2 N T	T R AE0 N S P L AE1 N T	n
transport	T R AE1 N S P AO0 R T	T R AE0 N S P AO1 R T	n
update	AH1 P D EY2 T	AH0 P D EY1 T	n
upgrade	AH1 P G R EY0 D	AH0 P G R EY1 D	n
uplift	AH1 P L IH2 F T	AH0 P L IH1 F T	n
upset	AH1 P S EH2 T	AH0 P S EH1 T	v
use	Y UW1 S	Y UW1 Z	v
`;

/** Forms of one word. */
export interface Forms {
  /** Noun or adjective, ARPAbet. */
  readonly nominal: string;
  /** Verb, ARPAbet. */
  readonly verb: string;
  readonly usual: 'nominal' | 'verb';
}

/** The table by word. */
export const NOUN_VERB_PAIRS: ReadonlyMap<string, Forms> = new Map(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const [word, nominal, verb, usual] = line.split('\t');
      return [word, { nominal, verb, usual: usual === 'v' ? 'verb' : 'nominal' }];
    }),
);

import { table } from '../table.ts';

/** Titles before a name. Their period never ends a sentence. */
export const TITLES = table(`
  mr=mister; mrs=missus; ms=ms; messrs=messers; prof=professor; rev=reverend; hon=honorable; gen=general
  col=colonel; capt=captain; lt=lieutenant; sgt=sergeant; maj=major; cpl=corporal; pvt=private
  cmdr=commander; adm=admiral; sen=senator; rep=representative; gov=governor; pres=president
  supt=superintendent; det=detective; fr=father; mt=mount; ft=fort
`);

/** Abbreviations with a period, which may also end the sentence. */
export const DOTTED = table(`
  jr=junior; sr=senior; vs=versus; etc=et cetera; approx=approximately; est=estimated; dept=department
  inc=incorporated; ltd=limited; co=company; cos=companies; corp=corporation; bros=brothers
  assn=association; assoc=associates; intl=international; natl=national; univ=university; govt=government
  ave=avenue; blvd=boulevard; rd=road; ln=lane; pl=place; ct=court; sq=square; ter=terrace; cir=circle; hwy=highway
  pkwy=parkway; apt=apartment; fl=floor; ste=suite
  bldg=building; misc=miscellaneous; tel=telephone; ext=extension; temp=temperature; feat=featuring
  viz=namely; cf=compare; eds=editors; ed=edition; rev=revised; max=maximum; min=minimum; avg=average
  qty=quantity; amt=amount; abbr=abbreviation; attn=attention; cont=continued; incl=including
  excl=excluding; ref=reference; esp=especially; al=al; dist=district; prev=previous; tbsp=tablespoons
  tsp=teaspoons; mon=monday; tue=tuesday; tues=tuesday; wed=wednesday; thu=thursday; thur=thursday
  thurs=thursday; fri=friday
`);

/** Abbreviations with or without a period, at any position. No other word is spelled like them. */
export const BARE = table(`
  mr=mister; mrs=missus; vs=versus; etc=et cetera; approx=approximately; dept=department; govt=government
  blvd=boulevard; hwy=highway; pkwy=parkway; bldg=building; ltd=limited; tbsp=tablespoons; tsp=teaspoons
  qty=quantity; attn=attention; lbs=pounds; km=kilometers; cm=centimeters; kg=kilograms
  mph=miles per hour; yrs=years; hrs=hours; mins=minutes; secs=seconds; thurs=thursday; tues=tuesday
`);

/** Abbreviations before a number, with a period (some without). */
export const BEFORE_NUMBER = table(`
  no=number; nos=numbers; nr=number; vol=volume; vols=volumes; ch=chapter; chap=chapter; sec=section
  fig=figure; figs=figures; eq=equation; p=page; pp=pages; pg=page; pgs=pages; art=article; op=opus
  ca=circa; c=circa; ver=version; rm=room; ext=extension; rs=rupees
`);

import { isVowel, stressOf, withStress } from '../symbols.ts';
import type { Lookup } from './morphology.ts';

/**
 * Second halves of compounds and brands that `morphology.ts` does not have. With any two known words, surnames and Latin words would be
 * split too; letter to sound reads those better (measured).
 */
const SECONDS: ReadonlySet<string> = new Set(
  `assist bait bank basket bean bench berry blade blast blaster blog bonus boost booster bot bottle bowl bread breaker bridge brush
  bubble bucket builder buster butter buyer cam candy cannon cart cast castle catcher caster chain chart chat checker chef chip chips cleaner
  clip clock cloud club coin cook cooker counter cream crunch cube cup dash deal deals delivery desk dial dish dive doctor dog dot
  dream drive driver drop dryer energy engine exchange express eye factory feed finder finger fit flake flip fly folder force fork forge
  forum fox fuel funding garden gear genius giant goods grab grade grid group grow guide hammer hatch health heater hive hub hunt hunter ideas
  insight jack jam jet joy juice jump kart kit kitchen knife lab labs lane lawn leaf learn lens lender letter lighter lift lock locker loft logic
  loop lunch magnet maker makers mart mask match maze meal media mender mind minder minder mixer money monitor mower music nest noodle
  nurse nut opener orbit oven owner packer paint painter panda park parking parts pass paste pay pencil pepper pet picker pilot pixel pizza planet
  planner player plug pocket pod pop popper press price pump puppy queen quest racer rack radar ranger reader rider robot rocket room
  runner saver scan scanner science scooter scout seat seeker sender sense shack shaker sharing shave shed shopper sitter
  skills sleep slice slicer smart smith smoke soft spark spinner splash spoon spray sprint squad stack starter station stick sticker
  studio style surf surfer surfing swap sweeper swing swipe switch tab tag taker tart team tech temple tender tester tick ticket tiger timer
  toaster tourist tracker trade trader trader trail train trainer travel tube tune tutor vault venture vest view viewer village
  vision visit voice walker warden washer watcher watching wave wheel whistle window wing winner wiper wizard works wrap wrapper wrench yoga
  zone`.split(/\s+/),
);

/** Shortest first word. */
const MIN_FIRST = 3;

/**
 * Two words written as one: `screensaver`, `doordash`. The second is one of {@link SECONDS}.
 * @param known phonemes of a word that is known or derived.
 */
export function wordPair(word: string, known: Lookup): readonly string[] | undefined {
  for (let cut = MIN_FIRST; cut <= word.length - 3; cut++) {
    if (!SECONDS.has(word.slice(cut)) && !SECONDS.has(word.slice(cut).replace(/s$/, ''))) continue;
    const first = known(word.slice(0, cut));
    const second = first && known(word.slice(cut));
    if (!first || !second || !isStressed(first)) continue;
    return [...first, ...second.map((symbol) => (stressOf(symbol) === 1 ? withStress(symbol, 2) : symbol))];
  }
  return undefined;
}

function isStressed(symbols: readonly string[]): boolean {
  return symbols.some((symbol) => isVowel(symbol) && stressOf(symbol) === 1);
}

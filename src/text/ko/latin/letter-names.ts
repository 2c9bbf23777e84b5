const NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  'a에이 b비 c씨 d디 e이 f에프 g지 h에이치 i아이 j제이 k케이 l엘 m엠 n엔 o오 p피 q큐 r알 s에스 t티 u유 v브이 w더블유 x엑스 y와이 z제트'
    .split(' ')
    .map((pair) => [pair[0], pair.slice(1)]),
);

/** Letters by their Korean names: KTX → 케이티엑스. Anything but `a` to `z` is left out. */
export function letterNames(letters: string): string {
  return Array.from(letters.toLowerCase(), (letter) => NAMES[letter] ?? '').join('');
}

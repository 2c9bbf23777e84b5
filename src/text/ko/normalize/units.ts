/** Units after a number, as written, and their readings. */
const UNITS: Readonly<Record<string, string>> = Object.fromEntries(
  `km/h킬로미터 km킬로미터 cm센티미터 mm밀리미터 m미터 kg킬로그램 mg밀리그램 g그램 t톤 ml밀리리터 mL밀리리터 dl데시리터 dL데시리터 cc시시 l리터 L리터 m2제곱미터 km2제곱킬로미터 cm2제곱센티미터 m3세제곱미터 cm3세제곱센티미터 m²제곱미터 km²제곱킬로미터 cm²제곱센티미터 m³세제곱미터 cm³세제곱센티미터 ha헥타르
  GB기가바이트 MB메가바이트 KB킬로바이트 kB킬로바이트 TB테라바이트 PB페타바이트 Gb기가비트 Mb메가비트 GiB기비바이트 MiB메비바이트 Mbps메가비피에스 Gbps기가비피에스 Kbps킬로비피에스 kbps킬로비피에스 bps비피에스 Hz헤르츠 kHz킬로헤르츠 KHz킬로헤르츠 MHz메가헤르츠 GHz기가헤르츠
  kWh킬로와트시 Wh와트시 kW킬로와트 MW메가와트 GW기가와트 W와트 kV킬로볼트 mV밀리볼트 V볼트 mAh밀리암페어시 mA밀리암페어 A암페어 dB데시벨 ppm피피엠 ppb피피비 px픽셀 dpi디피아이 fps에프피에스 rpm알피엠 bpm비피엠 kcal킬로칼로리 cal칼로리 hPa헥토파스칼 kPa킬로파스칼 MPa메가파스칼 Pa파스칼 μg마이크로그램 μm마이크로미터 nm나노미터 ms밀리초 μs마이크로초 ns나노초 N뉴턴 J줄 lx럭스 lm루멘 ft피트 in인치 inch인치 yd야드 mi마일 mile마일 miles마일 lb파운드 lbs파운드 oz온스 kt노트 bar바 psi피에스아이 Ω옴 kΩ킬로옴 pH피에이치 °도 %퍼센트 %p퍼센트포인트 ‰퍼밀 pt포인트 ea개 hr시간 min분 sec초 h시간 s초`
    .split(/\s+/)
    .map((entry) => {
      const at = entry.search(/[가-힣]+$/);
      return [entry.slice(0, at), entry.slice(at)];
    }),
);
const SPELLED = Object.keys(UNITS).sort((a, b) => b.length - a.length);
const PER: Readonly<Record<string, string>> = { h: '시속', s: '초속', min: '분속', hr: '시속' };
const PATTERN = new RegExp(
  ` ?(${SPELLED.map((unit) => unit.replace(/[/°%]/g, String.raw`\$&`)).join('|')})(?:/(h|s|min|hr|m3|m³|m2|m²|L|l|kg|cm2|cm²|일|분|초|시간|월|년|km))?(?![A-Za-z0-9²³])`,
  'y',
);
const TEMPERATURE = / ?(?:°([CF])|([℃℉]))/y;

/** Reading of a number and the unit after it. */
export interface UnitReading {
  /** Before the number: 시속, 섭씨, 영하. */
  readonly before: string;
  readonly unit: string;
  /** Length of what was read, a space before it included. */
  readonly length: number;
  /** The number loses its sign: 영하. */
  readonly unsigned: boolean;
}

/** The unit at an offset directly after a number. */
export function unitAt(text: string, at: number, negative: boolean): UnitReading | undefined {
  TEMPERATURE.lastIndex = at;
  const degrees = TEMPERATURE.exec(text);
  if (degrees) {
    const fahrenheit = degrees[1] === 'F' || degrees[2] === '℉';
    const before = fahrenheit ? '화씨' : negative ? '영하' : '섭씨';
    return { before, unit: '도', length: degrees[0].length, unsigned: negative && !fahrenheit };
  }
  PATTERN.lastIndex = at;
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [all, unit, per] = match;
  const name = UNITS[unit];
  if (unit === 'km/h') return { before: '시속', unit: name, length: all.length, unsigned: false };
  if (per === undefined) return { before: '', unit: name, length: all.length, unsigned: false };
  if (/^(?:km|m|cm)$/.test(unit) && per in PER) {
    return { before: PER[per], unit: name, length: all.length, unsigned: false };
  }
  const base = UNITS[per] ?? per;
  return { before: `${base}당`, unit: name, length: all.length, unsigned: false };
}

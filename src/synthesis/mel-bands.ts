/**
 * Corners of the mel's triangles in Hz, evenly spaced in mel (O'Shaughnessy's formula) from 0 to half the sample rate. Band b rises from
 * corner b to corner b + 1 and falls to corner b + 2.
 * @returns [bands + 2]
 */
export function melCorners(bands: number, sampleRate: number): number[] {
  const top = 2595 * Math.log10(1 + sampleRate / 2 / 700);
  return Array.from({ length: bands + 2 }, (_, i) => 700 * (10 ** ((top * i) / (bands + 1) / 2595) - 1));
}

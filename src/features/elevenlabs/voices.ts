/** ElevenLabs' own voices by sex, as OpenAI names, because clients hold their ids as defaults. */
const KNOWN: Readonly<Record<string, string>> = {
  // Women.
  '21m00Tcm4TlvDq8ikWAM': 'nova',
  EXAVITQu4vr4xnSDxMaL: 'nova',
  AZnzlk1XvdvUeBnXmlld: 'shimmer',
  MF3mGyEYCl7XYWbV9V6O: 'shimmer',
  FGY2WhTYpPnrIDTdsKH5: 'coral',
  Xb7hH8MSUJpSbSDYk0k2: 'sage',
  XrExE9yKIg1WjnnlVkGX: 'coral',
  cgSgspJ2msm6clMCkdW9: 'nova',
  pFZP5JQG7iQjIQuC4Bku: 'sage',
  SAz9YHcvj6GT2YYXdXww: 'alloy',
  // Men.
  pNInz6obpgDQGcFmaJgB: 'onyx',
  ErXwobaYiN019PkySvjV: 'echo',
  TxGEqnHWrfWFTfGW9XjX: 'echo',
  VR6AewLTigWG4xSOukaG: 'onyx',
  yoZ06aMxZJJ28mfd3POQ: 'ash',
  JBFqnCBsd6RMkjVDRZzb: 'fable',
  IKne3meq5aSn9XLyUdCD: 'verse',
  nPczCjzI2devNBz1zQrb: 'onyx',
  onwK4e9ZLuTAKqWW03F9: 'fable',
  cjVigY5qzO86Huf0OWal: 'ash',
  TX3LPaxmHKxFdv7VOQHJ: 'verse',
  bIHbv24MWmeRgasZH58o: 'ash',
  iP95p4xoKVk53GoZ742B: 'echo',
  CwhRBWXzGAHq8TQ4Fs17: 'onyx',
  N2lVS1w4EtoT3dr4eOWO: 'verse',
};

/** The voice of an id: one of ElevenLabs' ids means a voice of the same sex, any other name is one of ours. */
export function voiceFor(id: string): string {
  return Object.hasOwn(KNOWN, id) ? KNOWN[id] : id;
}

import { deepgram } from './deepgram.ts';
import { elevenLabs } from './elevenlabs.ts';
import { jambonz } from './jambonz.ts';
import type { Protocol } from './protocol.ts';
import { sori } from './sori.ts';

/** All protocols by name. */
export const PROTOCOLS = { sori, elevenlabs: elevenLabs, deepgram, jambonz } as const satisfies Readonly<
  Record<string, Protocol>
>;

/** A name in {@link PROTOCOLS}. */
export type ProtocolName = keyof typeof PROTOCOLS;

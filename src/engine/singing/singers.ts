import type { Manifest } from '../../shards/manifest.ts';
import { curveOf, trackOf } from '../../synthesis/singing/curves.ts';
import type { Singer } from '../../synthesis/singing/render.ts';
import { type Part, type Tempo, TempoMap } from '../../synthesis/singing/score.ts';
import { resolveSpeakers } from '../../synthesis/speaker.ts';
import { resolveVoice, type VoiceStyle } from '../../synthesis/style/voice.ts';
import { findLanguage, unsupportedLanguage } from '../../text/language.ts';
import type { SingingRequest } from './engine.ts';

/** Seconds over which a note's own level gives way to the next one's. */
const LEVEL_CHANGE = 0.04;

/** Who sings a part. */
export interface PartSinger {
  readonly voice: VoiceStyle;
  /** The voice's name, for messages. */
  readonly name: string;
  /** Makes the singer of a part whose position and pitch are decided. */
  singer(part: Part, tempos: readonly Tempo[], leadIn: number, transposed: number): Singer;
}

/**
 * Decides who sings each part.
 * @throws {SoriError} `unknown_voice`, `unsupported_language`, `invalid_style`, `invalid_value`.
 */
export function singersOf(manifest: Manifest, request: SingingRequest): PartSinger[] {
  const { voice, style, clones, language, emotion, expression } = request;
  // Refuses what speech refuses.
  resolveSpeakers(manifest, [], { voice, reference: style, clones, language, emotion });
  const own: VoiceStyle = style ? { style, pitchRange: 1 } : resolveVoice(manifest, voice, clones);
  return request.score.parts.map((part) => {
    const resolved = part.voice === undefined ? own : resolveVoice(manifest, { [part.voice]: 1 }, clones);
    const tag = part.language ?? language;
    const index = findLanguage(manifest.languages, tag);
    if (index < 0) throw unsupportedLanguage(manifest, tag);
    return {
      voice: resolved,
      name: part.voice ?? (Object.keys(voice).join('+') || 'this style'),
      singer: (sung, tempos, leadIn, transposed) => ({
        voice: resolved,
        language: index,
        style: { emotion },
        expression,
        level: levelOf(sung, tempos, leadIn),
        pitch: pitchOf(sung, tempos, leadIn, transposed),
      }),
    };
  });
}

function levelOf(part: Part, tempos: readonly Tempo[], leadIn: number): Singer['level'] {
  const map = new TempoMap(tempos);
  const dynamics = curveOf(
    (part.dynamics ?? []).map(({ beat, db }) => ({ seconds: leadIn + map.seconds(beat), value: db })),
    0,
  );
  const stated = part.notes.some(({ db }) => db !== undefined);
  const steps = stated
    ? part.notes.flatMap(({ beat, beats, db = 0 }) => {
        const start = leadIn + map.seconds(beat);
        const end = leadIn + map.seconds(beat + beats);
        const edge = Math.min(LEVEL_CHANGE, (end - start) / 2);
        return [
          { seconds: start, value: db },
          { seconds: end - edge, value: db },
        ];
      })
    : [];
  const notes = curveOf(steps, 0);
  const gain = part.gain ?? 0;
  return (seconds) => gain + dynamics(seconds) + notes(seconds);
}

function pitchOf(part: Part, tempos: readonly Tempo[], leadIn: number, transposed: number): Singer['pitch'] {
  if (!part.bend?.length && !part.f0) return (_, hz) => hz;
  const map = new TempoMap(tempos);
  const bend = curveOf(
    (part.bend ?? []).map(({ beat, cents }) => ({ seconds: leadIn + map.seconds(beat), value: cents })),
    0,
  );
  const stated = trackOf(part.f0);
  return (seconds, hz) => {
    const own = stated(seconds - leadIn);
    return (own > 0 ? own * 2 ** (transposed / 12) : hz) * 2 ** (bend(seconds) / 1200);
  };
}

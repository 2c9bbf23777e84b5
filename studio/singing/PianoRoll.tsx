import { useEffect, useRef, useState } from 'preact/hooks';
import { colour, useCanvas } from '../components/canvas.ts';
import { number, t } from '../i18n/index.ts';
import { isBlackKey, rollNote, rollRange, rollScroll } from './roll.ts';
import type { Song } from './song.ts';

/** Pixels of a second: longer songs scroll. */
const SECOND = 60;

/** A song as a piano roll that plays: notes with their lyrics, a line that moves, and a slider over it that goes to a place. */
export function PianoRoll({ song }: { song: Song }) {
  const [audio, setAudio] = useState<HTMLAudioElement | null>(null);
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!audio) return;
    let frame = 0;
    const follow = () => {
      setNow(audio.currentTime);
      frame = audio.paused ? 0 : requestAnimationFrame(follow);
    };
    const events = ['play', 'pause', 'seeked', 'ended'] as const;
    for (const event of events) audio.addEventListener(event, follow);
    return () => {
      cancelAnimationFrame(frame);
      for (const event of events) audio.removeEventListener(event, follow);
    };
  }, [audio]);
  const { notes, seconds } = song;
  const roll = useRef<HTMLDivElement>(null);
  // A long song is wider than the page: the line stays in view.
  useEffect(() => {
    if (roll.current) roll.current.scrollLeft = rollScroll(now / seconds, roll.current);
  }, [now, seconds]);
  const sounding = notes.find(({ start_ms, end_ms }) => start_ms <= now * 1000 && now * 1000 < end_ms);
  const canvas = useCanvas((context, width, height) => {
    const { canvas: element } = context;
    const range = rollRange(notes);
    const row = height / (range.high - range.low + 1);
    context.fillStyle = colour(element, '--black-key');
    for (let semitone = range.low; semitone <= range.high; semitone++) {
      if (isBlackKey(semitone)) context.fillRect(0, (range.high - semitone) * row, width, row);
    }
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'bottom';
    const [accent, wave, ink] = ['--accent', '--wave', '--ink'].map((token) => colour(element, token));
    for (const note of notes) {
      const place = rollNote(note, range, seconds, { width, height });
      context.fillStyle = note === sounding ? accent : wave;
      context.fillRect(place.x, place.y, place.width, place.height);
      context.fillStyle = ink;
      context.fillText(note.text ?? '', place.x, place.y);
    }
    context.fillStyle = ink;
    context.fillRect((now / seconds) * width, 0, 2, height);
  });
  return (
    <div class="stack">
      <div class="roll" ref={roll}>
        <div class="roll-box" style={{ minWidth: `${Math.round(seconds * SECOND)}px` }}>
          <canvas ref={canvas} role="img" aria-label={t('rollLabel', { count: notes.length })} />
          <input
            type="range"
            min={0}
            max={seconds}
            step={0.1}
            value={now}
            aria-label={t('positionLabel')}
            aria-valuetext={t('positionValue', { now: number(now, 1), total: number(seconds, 1) })}
            onInput={({ currentTarget }) => {
              if (audio) audio.currentTime = Number(currentTarget.value);
            }}
          />
        </div>
      </div>
      <p class="spoken-line" aria-hidden="true">
        {notes.map((note) => (
          <span key={`${note.part} ${note.start_ms}`} class={note === sounding ? 'now' : 'past'}>
            {note.text}{' '}
          </span>
        ))}
      </p>
      {/* biome-ignore lint/a11y/useMediaCaption: the lyrics are above it. */}
      <audio ref={setAudio} src={song.url} controls />
    </div>
  );
}

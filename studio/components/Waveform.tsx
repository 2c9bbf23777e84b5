import { Fragment } from 'preact';
import { number, t } from '../i18n/index.ts';
import { SAMPLE_RATE } from '../speech/player.ts';
import { currentWord, peaks, player, position, words } from '../speech/session.ts';
import { colour, useCanvas } from './canvas.ts';

/** Pixels of a bar and the gap behind it. */
const BAR = 3;

/** The waveform, with the words that sound under it, and a slider over it that goes to a place. */
export function Waveform() {
  const total = player.length.value;
  const now = position.value;
  const word = currentWord.value;
  const canvas = useCanvas((context, width, height) => {
    const { canvas: element } = context;
    if (word) {
      const scale = (width * SAMPLE_RATE) / 1000 / total;
      context.fillStyle = colour(element, '--highlight');
      context.fillRect(word.start_ms * scale, 0, (word.end_ms - word.start_ms) * scale, height);
    }
    const heights = peaks.columns(Math.floor(width / BAR));
    const played = colour(element, '--accent');
    const ahead = colour(element, '--wave');
    for (const [index, value] of heights.entries()) {
      const tall = Math.max(2, value * (height - 8));
      context.fillStyle = (index * BAR) / width < now / total ? played : ahead;
      context.fillRect(index * BAR, (height - tall) / 2, BAR - 1, tall);
    }
  });
  const seconds = (samples: number) => number(samples / SAMPLE_RATE, 1);
  return (
    <section class="card wave" aria-labelledby="wave-title">
      <h2 id="wave-title">{t('waveform')}</h2>
      <div class="wave-box">
        <canvas ref={canvas} />
        <input
          type="range"
          min={0}
          max={Math.max(1, total)}
          step={SAMPLE_RATE / 10}
          value={now}
          disabled={total === 0}
          aria-label={t('positionLabel')}
          aria-valuetext={t('positionValue', { now: seconds(now), total: seconds(total) })}
          onInput={({ currentTarget }) => {
            const sample = Number(currentTarget.value);
            player.seek(sample);
            position.value = sample;
          }}
        />
      </div>
      <p class="spoken-line" aria-hidden="true">
        {words.value.map((each) => (
          <Fragment key={each.start_ms}>
            <span class={each === word ? 'now' : each.end_ms < (now / SAMPLE_RATE) * 1000 ? 'past' : ''}>
              {each.text}
            </span>{' '}
          </Fragment>
        ))}
      </p>
    </section>
  );
}

import { isCloned } from '../catalogue.ts';
import { number, t } from '../i18n/index.ts';
import { SAMPLE_RATE } from '../speech/player.ts';
import { faults } from '../speech/reading.ts';
import { failure, follow, measured, player, speak, state, stop } from '../speech/session.ts';
import { body, input, mix, place, voice } from '../state.ts';
import { tabState } from '../tab/tab.ts';

/** Buttons to speak, stop and play again, and what is going on. */
export function Transport() {
  const busy = state.value === 'waiting' || state.value === 'making';
  const blocked = whyNot();
  return (
    <section class="card transport" aria-label={t('speak')} data-state={state.value}>
      <div class="row">
        <button
          type="button"
          class="primary"
          id="speak"
          disabled={blocked !== undefined || input.value.trim() === ''}
          onClick={() => void speak(body.value, place.value)}
        >
          <Icon name="play" /> {t('speak')}
        </button>
        <button type="button" id="stop" disabled={!busy && !player.playing.value} onClick={stop}>
          <Icon name="stop" /> {t('stop')}
        </button>
        <button
          type="button"
          disabled={busy || player.playing.value || player.length.value === 0}
          onClick={() => {
            player.resume();
            follow();
          }}
        >
          <Icon name="again" /> {t('replay')}
        </button>
      </div>
      <p id="status" class="small" role="status">
        {blocked ?? statusText()}
      </p>
      <Figures />
      {failure.value && faults.value.every(({ message }) => message !== failure.value?.message) && (
        <p class="alert" role="alert">
          {failure.value.message}
        </p>
      )}
    </section>
  );
}

function whyNot(): string | undefined {
  if (place.value !== 'tab') return undefined;
  const used = mix.value.length > 1 ? mix.value.map((part) => part.voice) : [voice.value?.id ?? ''];
  if (used.some(isCloned)) return t('tabCloned');
  const { value } = tabState;
  return value.step === 'ready' && value.model === voice.value?.model ? undefined : t('tabLoadFirst');
}

function statusText(): string {
  if (state.value === 'failed') return '';
  const seconds = number(player.length.value / SAMPLE_RATE, 1);
  return t(`status_${state.value}`, { seconds });
}

/** How fast it was. */
function Figures() {
  const { firstMs, madeMs, realTimeFactor } = measured.value ?? {};
  if (firstMs === undefined) return null;
  return (
    <p class="small muted figures">
      <span id="first-sound">{t('firstSound', { ms: number(firstMs) })}</span>
      {madeMs !== undefined && <span>{t('allMade', { ms: number(madeMs) })}</span>}
      {realTimeFactor !== undefined && (
        <span id="real-time-factor" title={t('realTimeFactorHint')}>
          {t('realTimeFactor', { factor: number(realTimeFactor, 2) })}
        </span>
      )}
    </p>
  );
}

const PATHS = {
  play: 'M5 3.5v13l11-6.5z',
  stop: 'M4.5 4.5h11v11h-11z',
  again: 'M10 3a7 7 0 1 1-6.6 4.7l1.9.6A5 5 0 1 0 10 5v3L5.5 4.2 10 .5z',
};

/** A decorative picture; the text beside it has the same information. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="currentColor" />
    </svg>
  );
}

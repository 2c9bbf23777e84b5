import { emotionName, languageName, number, t } from '../i18n/index.ts';
import {
  chooseVoice,
  emotion,
  energy,
  intensity,
  language,
  MOST_SEED,
  model,
  pauses,
  pitch,
  pitchRange,
  readOtherwise,
  resetControls,
  seed,
  speed,
  steps,
  VARIED_STEPS,
  voice,
} from '../state.ts';
import { Select, Slider } from './fields.tsx';
import { Mix } from './Mix.tsx';
import { VoiceOptions } from './Voices.tsx';

const times = (value: number) => `${number(value, 2)}×`;

/** Voice, emotion and all that shapes the speech. */
export function Controls() {
  const { languages = [], emotions = [], samples_styles } = model.value ?? {};
  return (
    <section class="card controls" aria-labelledby="controls-title">
      <div class="row spread">
        <h2 id="controls-title">{t('controls')}</h2>
        <button type="button" class="quiet" onClick={resetControls}>
          {t('reset')}
        </button>
      </div>
      <Select label={t('voice')} value={voice.value?.id ?? ''} onChange={chooseVoice}>
        <VoiceOptions />
      </Select>
      <p class="small muted voice-note" lang={voice.value?.provenance ? undefined : 'en'}>
        {voice.value?.description}
      </p>
      <div class="pair">
        <Select
          label={t('language')}
          value={language.value}
          onChange={(value) => {
            language.value = value;
          }}
        >
          <option value="">{t('languageOfVoice')}</option>
          {languages.map((tag) => (
            <option key={tag} value={tag}>
              {languageName(tag)}
            </option>
          ))}
        </Select>
        <Select
          label={t('emotion')}
          value={emotion.value}
          disabled={emotions.length === 0}
          onChange={(value) => {
            emotion.value = value;
          }}
        >
          <option value="">{t('emotionByItself')}</option>
          {emotions.map((id) => (
            <option key={id} value={id}>
              {emotionName(id)}
            </option>
          ))}
        </Select>
      </div>
      <Slider
        label={t('intensity')}
        value={intensity}
        min={0}
        max={1}
        step={0.05}
        disabled={emotion.value === ''}
        show={(value) => `${number(value * 100)} %`}
      />
      <Slider label={t('speed')} value={speed} min={0.25} max={4} step={0.05} show={times} />
      <Slider
        label={t('pitch')}
        value={pitch}
        min={-12}
        max={12}
        step={0.5}
        show={(value) => t('semitones', { value: number(value, 1) })}
      />
      <details>
        <summary>{t('more')}</summary>
        <div class="stack">
          <Slider label={t('pitchRange')} value={pitchRange} min={0} max={3} step={0.1} show={times} />
          <Slider
            label={t('energy')}
            value={energy}
            min={-24}
            max={12}
            step={1}
            show={(value) => t('decibels', { value: number(value) })}
          />
          <Slider label={t('pauses')} value={pauses} min={0} max={4} step={0.1} show={times} />
          <Slider label={t('seed')} value={seed} min={0} max={MOST_SEED} step={1} />
          {samples_styles && (
            <>
              <Select
                label={t('variation')}
                value={String(steps.value)}
                onChange={(value) => {
                  steps.value = Number(value);
                }}
              >
                <option value="0">{t('variationOff')}</option>
                <option value={VARIED_STEPS}>{t('variationOn')}</option>
              </Select>
              <button type="button" class="quiet" onClick={readOtherwise}>
                {t('anotherReading')}
              </button>
            </>
          )}
        </div>
      </details>
      <Mix />
    </section>
  );
}

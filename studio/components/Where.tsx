import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { number, t } from '../i18n/index.ts';
import { place, voice } from '../state.ts';
import { forgetTab, loadTab, measureStored, storedBytes, tabState } from '../tab/tab.ts';
import { hasWebGpu } from '../tab/web-gpu.ts';
import { Segments } from './fields.tsx';

const gpu = signal<boolean | undefined>(undefined);
const tryGpu = signal(true);
const megabytes = (bytes: number) => number(bytes / 1_000_000, 1);

/** Chooses between the server and this tab, and loads the model into the tab. */
export function Where() {
  useEffect(() => {
    void hasWebGpu().then((has) => {
      gpu.value = has;
    });
    void measureStored();
  }, []);
  return (
    <section class="card where">
      <Segments
        label={t('where')}
        value={place.value}
        options={[
          ['server', t('where_server')],
          ['tab', t('where_tab')],
        ]}
        onChange={(value) => {
          place.value = value;
        }}
      />
      {place.value === 'tab' && <Tab />}
    </section>
  );
}

function Tab() {
  const state = tabState.value;
  const model = voice.value?.model;
  const ready = state.step === 'ready' && state.model === model;
  return (
    <div class="stack">
      <p class="small">{t('tabHint')}</p>
      {gpu.value === false && <p class="small note">{t('tabNoGpu')}</p>}
      <p class="small note">{t('tabOneThread')}</p>
      {gpu.value && !ready && (
        <label class="check">
          <input
            type="checkbox"
            checked={tryGpu.value}
            onChange={({ currentTarget }) => {
              tryGpu.value = currentTarget.checked;
            }}
          />
          {t('tabGpu')}
        </label>
      )}
      {!ready && (
        <button
          type="button"
          class="primary"
          disabled={state.step === 'loading' || model === undefined}
          onClick={() => model && void loadTab(model, tryGpu.value)}
        >
          {t('tabLoad')}
        </button>
      )}
      {state.step === 'loading' && (
        <progress
          aria-label={t('tabLoad')}
          max={state.total || undefined}
          value={state.total > 0 ? state.loaded : undefined}
        />
      )}
      <p id="tab-status" class="small" role="status">
        {tabText()}
      </p>
      {storedBytes.value !== undefined && storedBytes.value > 1_000_000 && (
        <div class="row spread">
          <span class="small muted">{t('tabUsed', { size: megabytes(storedBytes.value) })}</span>
          <button type="button" class="quiet" onClick={() => void forgetTab()}>
            {t('tabForget')}
          </button>
        </div>
      )}
    </div>
  );
}

function tabText(): string {
  const state = tabState.value;
  if (state.step === 'none') return '';
  if (state.step === 'failed') return t('tabFailed', { message: state.message });
  if (state.step === 'loading') {
    return state.total > 0
      ? t('tabLoading', { loaded: megabytes(state.loaded), total: megabytes(state.total) })
      : t('tabLoadingFirst');
  }
  return [
    t('tabReady', { backend: state.backend }),
    t('tabReason', { reason: state.reason }),
    t(state.stored ? 'tabStored' : 'tabNotStored'),
  ].join(' ');
}

import { useSignal } from '@preact/signals';
import { apiKey, keyNeeded, setApiKey } from '../api.ts';
import { interfaceLanguage, setInterfaceLanguage, t } from '../i18n/index.ts';
import { type Theme, theme } from '../theme.ts';
import { VIEWS, view } from '../views.ts';

/** Name, parts of the studio, language and theme. */
export function Header() {
  return (
    <header class="top">
      <div class="brand">
        <h1>
          Sori <span lang="ko">소리</span>
        </h1>
        <p class="muted small">{t('tagline')}</p>
      </div>
      <nav aria-label={t('navigation')}>
        {VIEWS.map((name) => (
          <a key={name} href={`#${name}`} aria-current={view.value === name ? 'page' : undefined}>
            {t(`view_${name}`)}
          </a>
        ))}
        <a href="docs">{t('documentation')}</a>
      </nav>
      <div class="settings">
        <label>
          <span class="visually-hidden">{t('interfaceLanguage')}</span>
          <select
            id="interface-language"
            value={interfaceLanguage.value}
            onChange={({ currentTarget }) => setInterfaceLanguage(currentTarget.value === 'ko' ? 'ko' : 'en')}
          >
            <option value="en" lang="en">
              English
            </option>
            <option value="ko" lang="ko">
              한국어
            </option>
          </select>
        </label>
        <label>
          <span class="visually-hidden">{t('theme')}</span>
          <select
            value={theme.value}
            onChange={({ currentTarget }) => {
              theme.value = currentTarget.value as Theme;
            }}
          >
            <option value="auto">{t('theme_auto')}</option>
            <option value="light">{t('theme_light')}</option>
            <option value="dark">{t('theme_dark')}</option>
          </select>
        </label>
      </div>
    </header>
  );
}

/** The field for the API key, where the server asks for one. */
export function KeyField({ problem, onKey }: { problem: string; onKey: () => void }) {
  const value = useSignal(apiKey.value);
  if (!keyNeeded.value) return null;
  return (
    <form
      class="card key"
      onSubmit={(event) => {
        event.preventDefault();
        setApiKey(value.value);
        onKey();
      }}
    >
      <label class="field grow">
        <span>{t('apiKey')}</span>
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="sori_…"
          value={value.value}
          aria-describedby="key-hint"
          onInput={({ currentTarget }) => {
            value.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit">{t('apiKeyUse')}</button>
      <p id="key-hint" class="small muted" role="status">
        {problem || t('apiKeyNeeded')}
      </p>
    </form>
  );
}

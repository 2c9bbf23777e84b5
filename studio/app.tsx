import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { keyNeeded } from './api.ts';
import { loadCatalogue } from './catalogue.ts';
import { Controls } from './components/Controls.tsx';
import { Editor } from './components/Editor.tsx';
import { Export } from './components/Export.tsx';
import { Header, KeyField } from './components/Header.tsx';
import { Plots } from './components/Plots.tsx';
import { Transport } from './components/Transport.tsx';
import { Waveform } from './components/Waveform.tsx';
import { Where } from './components/Where.tsx';
import { Words } from './components/Words.tsx';
import { interfaceLanguage, t } from './i18n/index.ts';
import { Gallery } from './pages/Gallery.tsx';
import { Jobs } from './pages/Jobs.tsx';
import { MyVoices } from './pages/MyVoices.tsx';
import { Prompts } from './pages/Prompts.tsx';
import { Sing } from './pages/Sing.tsx';
import { watchText } from './speech/reading.ts';
import { watchTheme } from './theme.ts';
import { view } from './views.ts';

const problem = signal('');
/** Counts the keys that were entered: lists are loaded anew with each. */
const entered = signal(0);

async function load(): Promise<void> {
  problem.value = '';
  try {
    await loadCatalogue();
    entered.value++;
  } catch (error) {
    problem.value = (error as Error).message;
  }
}

function App() {
  useEffect(() => void load(), []);
  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <KeyField problem={problem.value} onKey={() => void load()} />
        {problem.value && !keyNeeded.value && (
          <p class="alert" role="alert">
            {problem.value}
          </p>
        )}
        <Content />
      </main>
    </>
  );
}

function Content() {
  const key = entered.value;
  if (view.value === 'sing') return <Sing />;
  if (view.value === 'gallery') return <Gallery />;
  if (view.value === 'voices') return <MyVoices onChange={load} />;
  if (view.value === 'prompts') return <Prompts key={key} />;
  if (view.value === 'jobs') return <Jobs key={key} />;
  return (
    <div class="columns">
      <div class="stack">
        <Editor />
        <Transport />
        <Waveform />
        <Words />
        <Plots />
      </div>
      <div class="stack side">
        <Where />
        <Controls />
        <Export />
      </div>
    </div>
  );
}

watchTheme();
watchText();
effect(() => {
  document.documentElement.lang = interfaceLanguage.value;
  document.title = t('title');
});
render(<App />, document.getElementById('app') as HTMLElement);

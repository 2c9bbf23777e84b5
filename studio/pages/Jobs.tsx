import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, askJson } from '../api.ts';
import { Download } from '../components/Download.tsx';
import { Message, message, report, showNote } from '../components/Message.tsx';
import { interfaceLanguage, t } from '../i18n/index.ts';
import { body, input } from '../state.ts';

type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

type JobKind = 'speech' | 'long_form' | 'dialogue' | 'batch' | 'voice' | 'generation' | 'singing';

interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly created_at: number;
  readonly progress?: { readonly done: number; readonly total: number };
  readonly result?: { readonly url?: string; readonly output?: string } | null;
  readonly error?: { readonly message: string } | null;
}

const SHOWN = 20;
const LOOK_MS = 1500;
const jobs = signal<readonly Job[]>([]);

const isOpen = ({ state }: Job) => state === 'queued' || state === 'running';

/** Reads the newest jobs, and those whole that are new or under way. */
async function list(): Promise<void> {
  const { data } = await askJson<{ data: Job[] }>(`v1/jobs?limit=${SHOWN}`);
  const known = new Map(jobs.value.map((job) => [job.id, job]));
  jobs.value = await Promise.all(
    data.map((row) => {
      const before = known.get(row.id);
      return before && before.state === row.state && !isOpen(row)
        ? before
        : askJson<Job>(`v1/jobs/${row.id}`);
    }),
  );
}

async function start(): Promise<void> {
  await report(async () => {
    const kind = /^\s*<speak/.test(input.value) ? 'speech' : 'long_form';
    const job = await askJson<Job>('v1/jobs', { kind, request: { ...body.value, response_format: 'mp3' } });
    showNote(t('jobStarted', { id: job.id }));
    await list();
  });
}

async function change(path: string, method: 'POST' | 'DELETE'): Promise<void> {
  await report(async () => {
    await ask(path, { method });
    await list();
  });
}

/** Jobs with their progress. */
export function Jobs() {
  useEffect(() => {
    message.value = undefined;
    let timer: ReturnType<typeof setTimeout>;
    let gone = false;
    const look = async () => {
      if (document.visibilityState === 'visible') await report(list);
      if (!gone) timer = setTimeout(look, LOOK_MS);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return (
    <section class="card stack" aria-labelledby="jobs-title">
      <h2 id="jobs-title">{t('view_jobs')}</h2>
      <p class="muted">{t('jobsHint')}</p>
      <blockquote class="small">{input.value.slice(0, 200)}</blockquote>
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={input.value.trim() === ''}
          onClick={() => void start()}
        >
          {t('jobStart')}
        </button>
      </div>
      <Message />
      {jobs.value.length === 0 && <p>{t('jobsNone')}</p>}
      <ul class="list">
        {jobs.value.map((job) => (
          <Row key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

function Row({ job }: { job: Job }) {
  const { done = 0, total = 0 } = job.progress ?? {};
  const created = new Date(job.created_at * 1000).toLocaleString(interfaceLanguage.value);
  const file = job.result?.url ?? job.result?.output;
  return (
    <li class="row spread">
      <span>
        <strong class="mono">{job.id}</strong>
        <span class="small muted">
          {t(`kind_${job.kind}`)} · {created}
        </span>
        {job.error && <span class="small error-text">{job.error.message}</span>}
      </span>
      <span class="row">
        {isOpen(job) && (
          <progress aria-label={`${t('progress')}: ${job.id}`} max={Math.max(1, total)} value={done} />
        )}
        <span class={`tag ${job.state}`}>
          {t(`job_${job.state}`)}
          {isOpen(job) && total > 0 && `, ${t('jobProgress', { done, total })}`}
        </span>
        {file && <Download path={file} name={`${job.id}.${file.split('.').at(-1)}`} of={job.id} />}
        {isOpen(job) && (
          <button type="button" onClick={() => void change(`v1/jobs/${job.id}`, 'DELETE')}>
            {t('jobCancel')}
          </button>
        )}
        {job.state === 'failed' && (
          <button type="button" onClick={() => void change(`v1/jobs/${job.id}/retry`, 'POST')}>
            {t('jobRetry')}
          </button>
        )}
      </span>
    </li>
  );
}

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { createNodeEngine } from '../../lib/node-engine.ts';
import { announce, type Row } from '../table.ts';
import { requestOf } from './speech.ts';

const run = promisify(execFile);
const TRAIN = resolve(import.meta.dirname, '../../train');

/** What the quality rows need besides the repository. */
export interface QualityInputs {
  /** Folder with the corpora. */
  readonly corpora?: string;
  /** Feature store that `scripts/train/features.py` made of them. */
  readonly features?: string;
  /** Folder with copy-synthesis of the held-out clips (`scripts/train/synthesize.py --copy`); measured when given. */
  readonly copies?: string;
  /** DNSMOS graph; rated when given. */
  readonly dnsmos?: string;
}

interface Clip {
  readonly id: string;
  readonly corpus: string;
  readonly text: string;
  readonly held_out: boolean;
  readonly take: number;
}

interface Summary {
  readonly clips: number;
  readonly wer: number;
  readonly overall?: number;
  readonly mel_db?: number;
  readonly f0_rmse_st?: number;
  readonly voicing_error?: number;
  readonly f0_sd_st?: number;
  readonly duration_error?: number;
}

/** Voice and language of each reader's corpus. */
const VOICES: Readonly<Record<string, { voice: string; language: string }>> = {
  kathleen: { voice: 'hazel', language: 'en' },
  ljspeech: { voice: 'clara', language: 'en' },
  cameron: { voice: 'toby', language: 'en-AU' },
};

/** Speaks the held-out texts with the packed int8 model and has `scripts/train/evaluate.py` compare them with the recordings. */
export async function measureQuality(inputs: QualityInputs, work: string): Promise<Row[]> {
  const { corpora, features, copies, dnsmos } = inputs;
  if (!corpora || !features) {
    return [
      { what: 'held-out quality', measured: 'not measured: give --corpora and --features', target: '' },
    ];
  }
  announce('quality: speaking the held-out texts');
  const spoken = join(work, 'spoken');
  await speakHeldOut(features, spoken);
  announce('quality: recognizing and comparing (minutes)');
  const out = join(work, 'quality.json');
  const sets = [
    ...(copies ? ['--set', 'copy-synthesis', resolve(copies)] : []),
    '--set',
    'synthesis',
    spoken,
  ];
  const rating = dnsmos ? ['--dnsmos', resolve(dnsmos)] : [];
  const common = [
    '--data',
    resolve(corpora),
    '--features',
    resolve(features),
    '--processes',
    '2',
    '--out',
    out,
  ];
  await run('python3', ['evaluate.py', '--recordings', ...common, ...sets, ...rating], {
    cwd: TRAIN,
    maxBuffer: 1 << 24,
  });
  const { summary } = JSON.parse(await readFile(out, 'utf8')) as {
    summary: Record<string, Record<string, Summary>>;
  };
  return rows(summary);
}

async function speakHeldOut(features: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const clips = JSON.parse(await readFile(join(features, 'index.json'), 'utf8')) as Clip[];
  const engine = createNodeEngine();
  for (const { id, corpus, text } of clips.filter((clip) => clip.held_out && clip.take === 1)) {
    if (!VOICES[corpus]) continue;
    const { voice, language } = VOICES[corpus];
    const speech = await engine.speak(requestOf({ input: text, voice: { [voice]: 1 }, language }));
    const encoder = await createEncoder('wav', { totalSamples: speech.totalSamples });
    const pieces: Uint8Array[] = [];
    for await (const chunk of speech.chunks) pieces.push(encoder.encode(chunk));
    pieces.push(encoder.finish());
    await writeFile(join(folder, `${id}.wav`), Buffer.concat(pieces));
  }
}

function rows(summary: Record<string, Record<string, Summary>>): Row[] {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const { recording, synthesis } = summary;
  const ratio = synthesis.all.wer / recording.all.wer;
  const each = Object.keys(VOICES).map(
    (corpus) =>
      `${VOICES[corpus].voice} ${percent(synthesis[corpus].wer)} / ${percent(recording[corpus].wer)}`,
  );
  const rated = Object.entries(summary).filter(([, sets]) => sets.all.overall !== undefined);
  return [
    {
      what: `WER of ${synthesis.all.clips} held-out texts (pocketsphinx), synthesis ÷ recording (${each.join(', ')})`,
      measured: `${percent(synthesis.all.wer)} ÷ ${percent(recording.all.wer)} = ${ratio.toFixed(2)}`,
      target: '≤ 1.3',
      met: ratio <= 1.3,
    },
    ...Object.entries(summary)
      .filter(([name]) => name !== 'recording')
      .map(([name, { all }]) => ({
        what: `${name}: log-mel distance, F0 RMSE, voicing error, duration error, WER`,
        measured: [
          `${all.mel_db?.toFixed(1)} dB`,
          `${all.f0_rmse_st?.toFixed(2)} semitones`,
          percent(all.voicing_error ?? 0),
          percent(all.duration_error ?? 0),
          percent(all.wer),
        ].join(', '),
        target: '',
      })),
    ...(rated.length
      ? [
          {
            what: 'DNSMOS overall',
            measured: rated.map(([name, { all }]) => `${name} ${all.overall?.toFixed(2)}`).join(', '),
            target: '',
          },
        ]
      : []),
  ];
}

import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';
import { announce, type Row } from '../table.ts';
import { differenceDb } from '../voice/measures.ts';
import { type Bundle, startWorker } from '../workerd.ts';
import { speakInBrowser } from './browser.ts';
import { type Portable, speakPortably } from './portable.ts';

/** Do workerd, Node and Chromium make the same style vectors and the same sound of the same seed? */
export async function measureBackends(bench: Bundle, persist: string): Promise<Row[]> {
  announce('the same speech in Node, workerd and Chromium');
  const loader = createModelLoader({ source: fsSource(MODELS_FOLDER) });
  const node = await speakPortably(createModelHost({ loader, backend: createNativeBackend() }));
  const workerd = await inWorkerd(bench, persist);
  const browser = await speakInBrowser();
  return [
    ...rowsOf('workerd against Node', workerd, node),
    ...(browser
      ? [
          ...rowsOf('Chromium (WASM) against Node', browser, node),
          ...rowsOf('Chromium (WASM) against workerd', browser, workerd),
        ]
      : [{ what: 'Chromium against Node', measured: 'not measured: no Chromium', target: '' }]),
  ];
}

async function inWorkerd(bench: Bundle, persist: string): Promise<Portable> {
  await using worker = await startWorker(bench, persist);
  const answer = await fetch(`${worker.url}/portable`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Portable;
}

function rowsOf(name: string, one: Portable, other: Portable): Row[] {
  const farthest = Math.max(
    ...one.styles.flatMap((style, r) => style.map((value, i) => Math.abs(value - other.styles[r][i]))),
  );
  const same = one.samples.length === other.samples.length;
  const db = differenceDb(Float32Array.from(other.samples), Float32Array.from(one.samples));
  return [
    {
      what: `${name}: largest difference in ${one.styles.length} style vectors of the same seeds`,
      measured: farthest.toExponential(1),
      target: '≤ 1e-4',
      met: farthest <= 1e-4,
    },
    {
      what: `${name}: power of the difference in sound${same ? '' : `; ${one.samples.length} and ${other.samples.length} samples`}`,
      measured: `${db.toFixed(1)} dB`,
      target: '≤ −60 dB',
      met: same && db <= -60,
    },
  ];
}

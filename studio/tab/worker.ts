/** "In this tab": the model itself, in a Web Worker of the page. */
import { SoriError } from '../../src/base/errors.ts';
import type { SpeechEngine, SpeechRequest } from '../../src/engine/engine.ts';
import { createLocalEngine } from '../../src/engine/local.ts';
import { createModelHost } from '../../src/engine/model-host.ts';
import { createWebBackend } from '../../src/inference/web.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import type { Manifest } from '../../src/shards/manifest.ts';
import { cuesOf } from '../../src/synthesis/alignment.ts';
import { findLanguage } from '../../src/text/language.ts';
import { wordIpa } from '../../src/text/phoneme-input.ts';
import type { SpeechBody } from '../request.ts';
import type { TabAnswer, TabRequest } from './messages.ts';
import { openModelFiles } from './model-files.ts';
import { loadRuntime, RUNTIME_URLS, runtimeBytes } from './runtime.ts';
import { canStore } from './stored-files.ts';
import { hasWebGpu } from './web-gpu.ts';

/** A tab has room for every stage. */
const SESSION_BYTES = 256 * 1024 * 1024;

let open: { readonly engine: SpeechEngine; readonly manifest: Manifest } | undefined;
const running = new Map<number, AbortController>();

const answer = (message: TabAnswer, transfer: Transferable[] = []) => postMessage(message, { transfer });

async function load({ model, shards, preferGpu }: Extract<TabRequest, { type: 'load' }>): Promise<void> {
  const gpu = preferGpu && (await hasWebGpu());
  const files = await openModelFiles(model, `${shards}${model}/`);
  const first = gpu ? RUNTIME_URLS.webgpu : RUNTIME_URLS.plain;
  let total = files.bytes + (await runtimeBytes(first));
  let loaded = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    answer({ type: 'progress', loaded, total: Math.max(total, loaded) });
  };
  const [runtime] = await Promise.all([loadRuntime(first, onBytes), files.fetchAll(onBytes)]);
  const loader = createModelLoader({ source: files.source });
  const hostOver = (backend: Parameters<typeof createModelHost>[0]['backend']) =>
    createModelHost({ loader, backend, byteBudget: SESSION_BYTES, keepOnDemand: true });
  // The runtime without WebGPU is downloaded only if it is needed: it is read when its first graph is loaded.
  const wasm = { webgpu: runtime, plain: runtime };
  const backend = await createWebBackend({
    wasm,
    // Without a GPU it reports that as the reason for WASM.
    prefer: preferGpu ? 'webgpu' : 'wasm',
    check: (webgpu) => hostOver(webgpu).verify(model),
  });
  if (gpu && backend.name === 'web-wasm') {
    total += await runtimeBytes(RUNTIME_URLS.plain);
    wasm.plain = await loadRuntime(RUNTIME_URLS.plain, onBytes);
  }
  const host = hostOver(backend);
  await host.verify(model);
  open = { engine: createLocalEngine({ host, models: [model] }), manifest: files.manifest };
  answer({
    type: 'ready',
    backend: backend.name === 'web-webgpu' ? 'WebGPU' : 'WASM',
    reason: backend.reason,
    stored: await canStore(),
  });
}

async function speak({ id, body }: Extract<TabRequest, { type: 'speak' }>): Promise<void> {
  const { engine, manifest } = opened();
  const aborted = new AbortController();
  running.set(id, aborted);
  try {
    const speech = await engine.speak(requestOf(body, manifest), aborted.signal);
    let sent = 0;
    const sendWords = () => {
      const words = cuesOf(speech.alignment, body.input, 'word');
      if (words.length > sent) answer({ type: 'words', id, words: words.slice(sent) });
      sent = words.length;
    };
    for await (const chunk of speech.chunks) {
      sendWords();
      const samples = Float32Array.from(chunk);
      answer({ type: 'audio', id, samples }, [samples.buffer]);
    }
    sendWords();
    answer({ type: 'done', id });
  } finally {
    running.delete(id);
  }
}

async function read({ id, request }: Extract<TabRequest, { type: 'read' }>): Promise<void> {
  const { engine } = opened();
  const { tokens, warnings } = await engine.read({ ...request, strict: false });
  const words = tokens.map(({ text, source, span, from, words: parts }) => ({
    text,
    source,
    start: span.start,
    end: span.end,
    from,
    phonemes: parts.map(wordIpa).join(' '),
  }));
  answer({ type: 'reading', id, reading: { words, warnings } });
}

function opened() {
  if (!open) throw new SoriError('model_unavailable', 'The model is not loaded.');
  return open;
}

function requestOf(body: SpeechBody, manifest: Manifest): SpeechRequest {
  const voice = typeof body.voice === 'string' ? { [body.voice]: 1 } : body.voice;
  const lead = Object.entries(voice).sort(([, one], [, other]) => other - one)[0]?.[0];
  const wanted = body.language ?? manifest.voices.find(({ id }) => id === lead)?.language ?? 'en';
  const found = findLanguage(manifest.languages, wanted);
  return {
    model: manifest.name,
    voice,
    input: body.input,
    language: manifest.languages[found] ?? wanted,
    speed: body.speed ?? 1,
    seed: body.seed ?? 0,
    diffusionSteps: body.diffusion_steps,
    refineSteps: undefined,
    pronunciations: body.pronunciations ?? {},
    emotion: typeof body.emotion === 'string' ? { [body.emotion]: 1 } : body.emotion,
    pitch: body.pitch ?? 0,
    pitchRange: body.pitch_range ?? 1,
    energy: body.energy ?? 0,
    pauses: body.pauses ?? 1,
    exactLength: false,
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

addEventListener('message', ({ data }: MessageEvent<TabRequest>) => {
  if (data.type === 'load') {
    load(data).catch((error) => answer({ type: 'load-failed', message: messageOf(error) }));
  } else if (data.type === 'cancel') {
    running.get(data.id)?.abort();
  } else {
    const work = data.type === 'read' ? read(data) : speak(data);
    work.catch((error) => {
      const code = error instanceof SoriError ? error.code : 'internal_error';
      answer({ type: 'failed', id: data.id, message: messageOf(error), code });
    });
  }
});

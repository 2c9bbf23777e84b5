import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../scripts/lib/node-engine.ts';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import { SoriError } from '../../../src/base/errors.ts';
import type { SpeechRequest } from '../../../src/engine/engine.ts';

/** The embedded model, spoken by onnxruntime-node: the whole pipeline with nothing replaced. */
const engine = createNodeEngine();

const request = (changes: Partial<SpeechRequest> = {}): SpeechRequest =>
  plainRequest({
    input: 'Your table is ready.',
    seed: 1,
    refineSteps: 0,
    ...changes,
  });

async function speak(changes: Partial<SpeechRequest> = {}, signal?: AbortSignal): Promise<Float32Array> {
  const speech = await engine.speak(request(changes), signal);
  const samples = new Float32Array(speech.totalSamples ?? 0);
  let at = 0;
  for await (const chunk of speech.chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  expect(at).toBe(speech.totalSamples);
  return samples;
}

const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

async function refusal(changes: Partial<SpeechRequest>): Promise<SoriError> {
  const error: unknown = await engine.speak(request(changes)).catch((thrown: unknown) => thrown);
  if (!(error instanceof SoriError)) throw new Error(`expected a SoriError, got ${String(error)}`);
  return error;
}

describe('local engine', () => {
  it('speaks at a plausible length and level, without clipping', async () => {
    const samples = await speak();
    expect(samples.length / 24_000).toBeGreaterThan(0.9);
    expect(samples.length / 24_000).toBeLessThan(3);
    expect(rms(samples)).toBeGreaterThan(0.01);
    expect(samples.every((x) => Math.abs(x) < 1.2)).toBe(true);
  });

  it('gives the same audio for the same seed, and other audio for another', async () => {
    const first = await speak();
    expect(await speak()).toEqual(first);
    const other = await speak({ seed: 2 });
    expect(other.length).toBe(first.length);
    expect(other).not.toEqual(first);
  });

  it('speaks twice as fast at speed 2, half as fast at 0.5', async () => {
    const input = 'The store closes in fifteen minutes, so please bring your items to the counter.';
    const [normal, fast, slow] = [
      await speak({ input }),
      await speak({ input, speed: 2 }),
      await speak({ input, speed: 0.5 }),
    ];
    expect(fast.length / normal.length).toBeGreaterThan(0.42);
    expect(fast.length / normal.length).toBeLessThan(0.62);
    expect(slow.length / normal.length).toBeGreaterThan(1.85);
    expect(slow.length / normal.length).toBeLessThan(2.15);
  });

  it('has different voices, also under the names of older models’ voices', async () => {
    const hazel = await speak();
    const clara = await speak({ voice: { clara: 1 } });
    expect(clara.subarray(0, 1000)).not.toEqual(hazel.subarray(0, 1000));
    expect(await speak({ voice: { linda: 1 } })).toEqual(clara);
  });

  it('lists the parameters that have no effect with this model, and speaks all the same', async () => {
    const changes = { refineSteps: 2, alpha: 0.5, beta: 0.5, sampler: 'ancestral' } as const;
    const { warnings, chunks } = await engine.speak(request(changes));
    expect(warnings.map(({ code, param }) => [code, param])).toEqual([
      ['ignored_parameter', 'alpha'],
      ['ignored_parameter', 'beta'],
      ['ignored_parameter', 'sampler'],
      ['ignored_parameter', 'refine_steps'],
    ]);
    const samples: number[] = [];
    for await (const chunk of chunks) for (const sample of chunk) samples.push(sample);
    expect(Float32Array.from(samples)).toEqual(await speak());
    expect((await refusal({ ...changes, strict: true })).code).toBe('invalid_value');
  });

  it('reads otherwise with steps of the style sampler if the model has one, else it reports them', async () => {
    const { samplesStyles = false } = await engine.model('sori-2');
    const changes = { diffusionSteps: 5, seed: 3 };
    const { warnings } = await engine.speak(request(changes));
    expect(warnings.map(({ param }) => param)).toEqual(samplesStyles ? [] : ['diffusion_steps']);
    const [reading, usual] = [await speak(changes), await speak({ seed: 3 })];
    expect(reading.every((sample, i) => sample === usual[i])).toBe(!samplesStyles);
    const neutral = await speak({ ...changes, emotion: { neutral: 1 } });
    expect(neutral).toEqual(reading);
  });

  it('applies the pronunciations of the request', async () => {
    const plain = await speak({ input: 'Sori is ready.' });
    const override = await speak({ input: '[Sori](/ˈsɔːɹi/) is ready.' });
    const map = await speak({ input: 'Sori is ready.', pronunciations: { sori: 'ˈsɔːɹi' } });
    expect(map).toEqual(override);
    const longer = await speak({ input: 'Sori is ready.', pronunciations: { sori: 'ˌɪntɚˈnæʃənəl' } });
    expect(longer.length).toBeGreaterThan(plain.length);
  });

  it('speaks the longest allowed text, sentence after sentence', async () => {
    const input = 'This sentence is here to be repeated, again and again. '.repeat(75).slice(0, 4096);
    const speech = await engine.speak(request({ input, speed: 4 }));
    let samples = 0;
    for await (const chunk of speech.chunks) samples += chunk.length;
    expect(samples).toBe(speech.totalSamples);
    expect(samples / 24_000).toBeGreaterThan(30);
  });

  it('stops when its signal aborts', async () => {
    const controller = new AbortController();
    const input = 'This is a sentence that goes on for a while. '.repeat(20);
    const speech = await engine.speak(request({ input }), controller.signal);
    const reason = new Error('the caller went away');
    let samples = 0;
    const reading = (async () => {
      for await (const chunk of speech.chunks) {
        samples += chunk.length;
        controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(samples).toBeLessThan((speech.totalSamples ?? 0) / 10);
  });

  it.each([
    ['unknown_model', { model: 'sori-9' }, 'model'],
    ['unknown_voice', { voice: { hazel: 0.5, nobody: 0.5 } }, 'voice'],
    ['unknown_emotion', { emotion: { bored: 1 } }, 'emotion'],
    ['invalid_style', { style: new Float32Array(3) }, 'style'],
    ['invalid_ssml', { input: '<speak>Hello <blink/>.</speak>', strict: true }, 'input'],
    ['unknown_voice', { input: '<speak><voice name="Joanna">Hello.</voice></speak>', strict: true }, 'input'],
    ['unsupported_language', { language: 'tlh' }, 'language'],
    ['nothing_to_speak', { input: ' … ?! ' }, 'input'],
    ['invalid_pronunciation', { pronunciations: { ready: 'ʘʘ' } }, 'pronunciations'],
  ] as const)('refuses with %s', async (code, changes, param) => {
    expect(await refusal(changes)).toMatchObject({ code, param });
  });

  it('applies SSML as far as the model can, and warns about the rest', async () => {
    const input =
      '<speak><voice name="Joanna"><mstts:express-as style="cheerful">Hello <blink>you</blink>.</mstts:express-as></voice></speak>';
    const { warnings, chunks } = await engine.speak(request({ input }));
    let samples = 0;
    for await (const chunk of chunks) samples += chunk.length;
    expect(samples).toBeGreaterThan(4800);
    expect(warnings.map(({ code, position }) => [code, position?.column])).toEqual([
      ['ignored_element', 70],
      ['unknown_voice', 64],
      ['approximated', 64],
    ]);
    expect(await engine.review(request({ input }))).toEqual(warnings);
    expect((await engine.align(request({ input }))).warnings).toEqual(warnings);
  });

  it('describes its models and their state', async () => {
    const [model] = await engine.models();
    expect(model).toMatchObject({ id: 'sori-2', emotions: expect.arrayContaining(['neutral', 'happy']) });
    expect(model.languages[0]).toBe('en');
    expect(model.voices.map(({ id }) => id)).toEqual(expect.arrayContaining(['hazel', 'clara']));
    expect(await engine.readiness()).toEqual([{ model: 'sori-2', ready: true, backend: 'native-cpu' }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfSentences } from '../../../../src/features/sessions/cut.ts';
import { LiveSession, type Outgoing } from '../../../../src/features/sessions/index.ts';
import type { ProtocolName } from '../../../../src/features/sessions/protocols/index.ts';
import type { SessionState } from '../../../../src/features/sessions/session.ts';
import type { ToneOptions } from '../../../fixtures/tone-engine.ts';
import { accessApp } from '../../../support/apps/access-app.ts';
import { deferred } from '../../../support/deferred.ts';

async function setUp(protocol: ProtocolName, address: string, tone: ToneOptions = {}) {
  const { app, makeKey, tone: engine } = await accessApp({ tone });
  const { key } = await makeKey();
  const sent: Outgoing[] = [];
  const make = (state?: SessionState) =>
    new LiveSession({
      opening: {
        id: 's1',
        protocol,
        url: `http://localhost${address}`,
        requestId: 'r1',
        caller: 'k',
        headers: { Authorization: `Bearer ${key}` },
      },
      state,
      fetch: (request) => app.request(request),
      send: (message) => sent.push(message),
    });
  const live = make();
  const say = (message: object, to = live) => to.receive(JSON.stringify(message));
  const told = () => sent.filter((one) => typeof one === 'string').map((one) => JSON.parse(one as string));
  return { live, make, say, told, sent, requests: engine.requests, idle: () => live.session.idle() };
}

describe('sentences', () => {
  it.each([
    ['Hello', 0],
    ['Hello.', 0],
    ['Hello. ', 7],
    ['It is 3.', 0],
    ['It is 3.5 miles. No', 17],
    ['Dr. Lee is here. Ok', 17],
    ['“Stop!” he', 8],
    ['안녕하세요. 반', 7],
    ['First line\nsecond', 11],
    ['<speak>One. Two. ', 0],
    ['<speak>One. Two.</speak> x', 24],
  ])('%j ends at %i', (text, end) => expect(endOfSentences(text)).toBe(end));

  it('text without an end of sentence is cut between words', () => {
    const text = 'word '.repeat(100);
    const end = endOfSentences(text);
    expect(end).toBeGreaterThan(100);
    expect(text[end - 1]).toBe(' ');
  });

  it('keep every character, wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z.!? \n]{0,12}$/), { maxLength: 40 }), (pieces) => {
        let waiting = '';
        let spoken = '';
        for (const piece of pieces) {
          waiting += piece;
          const end = endOfSentences(waiting);
          spoken += waiting.slice(0, end);
          waiting = waiting.slice(end);
        }
        expect(spoken + waiting).toBe(pieces.join(''));
      }),
    );
  });
});

describe('Sori’s own messages', () => {
  const ADDRESS = '/v1/audio/speech/stream?voice=cameron&speed=1.5';

  it('text becomes audio and word timings, sentence by sentence', async () => {
    const { live, say, told, requests, idle, sent } = await setUp('sori', ADDRESS);
    live.greet();
    for (const text of ['Hel', 'lo there. And', ' you', '?']) say({ type: 'text', text });
    await idle();
    expect(requests.map(({ input }) => input)).toEqual(['Hello there. ']);
    say({ type: 'end' });
    await idle();
    expect(requests.map(({ input }) => input)).toEqual(['Hello there. ', 'And you?']);
    expect(requests[0]).toMatchObject({ voice: { cameron: 1 }, speed: 1.5 });
    const events = told();
    expect(events[0]).toEqual({ type: 'session', session: 's1', request_id: 'r1' });
    expect(events.slice(1).map(({ seq }) => seq)).toEqual(events.slice(1).map((_, i) => i + 1));
    const audio = events.filter(({ type }) => type === 'audio').map((event) => event.audio);
    expect(Buffer.concat(audio.map((one) => Buffer.from(one, 'base64'))).length).toBe(2 * 7200 * 2);
    const words = events.filter(({ type }) => type === 'words').flatMap((event) => event.timestamps.word);
    const whole = 'Hello there. And you?';
    for (const { span, text } of words) expect(whole.slice(span.start, span.end)).toBe(text);
    const starts = words.map((word) => word.start_ms);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThanOrEqual(300);
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    expect(sent.at(-1)).toEqual({ close: true });
  });

  it('flush speaks an unfinished sentence', async () => {
    const { say, told, requests, idle } = await setUp('sori', ADDRESS);
    say({ type: 'text', text: 'Half a' });
    say({ type: 'flush' });
    await idle();
    expect(requests.map(({ input }) => input)).toEqual(['Half a']);
    expect(told().at(-1)).toMatchObject({ type: 'flushed' });
  });

  it('cancel drops waiting and running text, and the session continues', async () => {
    const gate = deferred<void>();
    const begun = deferred<void>();
    const { say, told, requests, idle } = await setUp('sori', ADDRESS, {
      before: async (index) => {
        if (index !== 1) return;
        begun.resolve();
        await gate.promise;
      },
    });
    say({ type: 'text', text: 'One. Two. Three' });
    await begun.promise;
    say({ type: 'cancel' });
    const before = told().length;
    gate.resolve();
    await idle();
    expect(told().at(-1)).toMatchObject({ type: 'cancelled' });
    expect(told()).toHaveLength(before);
    expect(requests).toHaveLength(1);
    say({ type: 'start', voice: 'clara' });
    say({ type: 'text', text: 'Four. ' });
    await idle();
    expect(requests[1]).toMatchObject({ input: 'Four. ', voice: { clara: 1 } });
  });

  it('errors are sent as events', async () => {
    const { live, say, told, idle } = await setUp('sori', ADDRESS);
    live.receive('no json');
    live.receive('[]');
    say({ type: 'shout' });
    say({ type: 'text', text: 1 });
    say({ type: 'text', text: 'x'.repeat(16_385) });
    say({ type: 'start', voice: 'nobody' });
    say({ type: 'text', text: 'Hello. ' });
    await idle();
    const codes = told().map(({ type, error }) => [type, error?.code]);
    expect(codes).toEqual(
      ['invalid_json', 'invalid_type', 'invalid_value', 'invalid_value', 'queue_full', 'unknown_voice'].map(
        (code) => ['error', code],
      ),
    );
  });

  it('continues from its stored state, and repeats messages that a client has missed', async () => {
    const { live, make, say, told, sent, idle, requests } = await setUp('sori', ADDRESS);
    say({ type: 'text', text: 'One. Tw' });
    await idle();
    const all = told();
    const state = JSON.parse(JSON.stringify(live.session.state)) as SessionState;
    sent.length = 0;
    const other = make(state);
    other.comeBack(1);
    expect(told()).toEqual([expect.objectContaining({ type: 'session' }), ...all.slice(1)]);
    say({ type: 'text', text: 'o. ' }, other);
    await other.session.idle();
    expect(requests[1].input).toBe('Two. ');
    const words = told()
      .filter(({ type }) => type === 'words')
      .at(-1).timestamps.word;
    expect(words[0]).toMatchObject({ start_ms: expect.any(Number), span: { start: 5 } });
    expect(words[0].start_ms).toBeGreaterThanOrEqual(300);
    sent.length = 0;
    other.comeBack(99);
    expect(told()[1]).toMatchObject({ type: 'error', error: { code: 'out_of_range' } });
  });

  it('speaks nothing more while it is paused', async () => {
    const { live, say, requests, idle } = await setUp('sori', ADDRESS);
    live.session.pause();
    say({ type: 'text', text: 'One. Two. ' });
    await idle();
    expect(requests).toHaveLength(0);
    live.session.resume();
    await idle();
    expect(requests.map(({ input }) => input)).toEqual(['One. Two. ']);
  });
});

describe('messages of other services', () => {
  it('ElevenLabs', async () => {
    const { say, told, requests, idle, sent } = await setUp(
      'elevenlabs',
      '/v1/text-to-speech/clara/stream-input?output_format=pcm_16000&model_id=eleven_flash_v2_5',
    );
    say({ text: ' ', voice_settings: { speed: 1.1, stability: 0.5 } });
    say({ text: 'Hello ' });
    say({ text: 'you. ', flush: true });
    say({ text: '' });
    await idle();
    expect(requests[0]).toMatchObject({ voice: { clara: 1 }, speed: 1.1 });
    const events = told();
    const audio = events.map((event) => Buffer.from(event.audio ?? '', 'base64'));
    expect(Buffer.concat(audio).length).toBe(9600);
    const timed = events.filter(({ alignment }) => alignment !== null).map(({ alignment }) => alignment);
    expect(timed.flatMap(({ chars }) => chars).join('')).toMatch(/^Hello you/);
    expect(timed[0].charStartTimesMs).toHaveLength(timed[0].chars.length);
    expect(events.at(-1)).toMatchObject({ isFinal: true });
    expect(sent.at(-1)).toEqual({ close: true });
  });

  it('Deepgram', async () => {
    const { live, say, told, sent, idle } = await setUp(
      'deepgram',
      '/v1/speak?model=aura-2-thalia-en&encoding=linear16&sample_rate=8000',
    );
    live.greet();
    say({ type: 'Speak', text: 'Hello you' });
    say({ type: 'Flush' });
    await idle();
    say({ type: 'Clear' });
    say({ type: 'Close' });
    await idle();
    expect(told().map(({ type }) => type)).toEqual(['Metadata', 'Flushed', 'Cleared']);
    const audio = sent.filter((one) => one instanceof Uint8Array);
    expect(audio.reduce((sum, { length }) => sum + length, 0)).toBe(4800);
    expect(sent.at(-1)).toEqual({ close: true });
  });

  it('jambonz', async () => {
    const { live, say, told, sent, idle } = await setUp(
      'jambonz',
      '/v1/jambonz/speech?voice=cameron&language=en-AU&sampleRate=16000',
    );
    live.greet();
    say({ type: 'keepalive' });
    say({ type: 'stream', text: 'Hello' });
    say({ type: 'flush' });
    await idle();
    expect(told()).toEqual([{ type: 'connect', data: { sample_rate: 16_000, base64_encoding: false } }]);
    const audio = sent.filter((one) => one instanceof Uint8Array);
    expect(audio.reduce((sum, { length }) => sum + length, 0)).toBe(9600);
    say({ type: 'stop' });
  });
});

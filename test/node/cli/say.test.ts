import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../../fixtures/run-script.ts';
import { parseSrt, parseVtt } from '../../support/captions.ts';
import { putTinyModel } from '../../support/servers/running-server.ts';

describe('npm run say', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const say = (...args: string[]) =>
    runScript('say.ts', ['--shards', file('shards'), '--out', file('out.wav'), ...args]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sori-say-'));
    await putTinyModel(folder, 1);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('speaks, explains, plots and captions in one run', async () => {
    const { code, stdout, stderr } = await say(
      'Your table is ready. Come in.',
      ...['--voice', 'hazel(2)+clara(1)', '--emotion', 'happy=0.6,sad=0.4', '--seed', '3', '--speed', '1.1'],
      ...['--alpha', '0.3', '--beta', '0.7', '--diffusion-steps', '3', '--embedding-scale', '2'],
      ...['--pitch', '2', '--pitch-range', '1.2', '--energy', '-3', '--pauses', '2'],
      ...['--explain', '--plot', file('plot.png'), '--timestamps', 'sentence,word'],
      ...['--vtt', file('out.vtt'), '--srt', file('out.srt')],
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/s of audio in \d+ ms/),
    });
    expect((await readFile(file('out.wav'))).toString('latin1', 0, 4)).toBe('RIFF');
    expect((await readFile(file('plot.png'))).toString('latin1', 1, 4)).toBe('PNG');
    expect(stdout).toMatch(/^sentence +\d+\.\d +\d+\.\d {2}Your table is ready\.$/m);
    expect(stdout).toMatch(/^word +phoneme +start ms/m);
    expect(stdout).toMatch(/^table +t +\d/m);
    const texts = ['Your table is ready.', 'Come in.'];
    expect(parseVtt(await readFile(file('out.vtt'), 'utf8')).map(({ text }) => text)).toEqual(texts);
    expect(parseSrt(await readFile(file('out.srt'), 'utf8')).map(({ text }) => text)).toEqual(texts);
  });

  it('reads SSML from a file', async () => {
    await writeFile(file('in.xml'), '<speak>Hi <mark name="here"/><emphasis>there</emphasis>.</speak>\n');
    const { code, stdout } = await say('--ssml', file('in.xml'), '--timestamps', 'mark', '--quiet');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mark +\d+\.\d +\d+\.\d {2}here\n$/);
  });

  it('lists voices and emotions', async () => {
    const { stdout } = await say('--list-voices');
    expect(stdout).toMatch(/^hazel +en-US +female/m);
    expect(stdout).toMatch(/^emotions: neutral, happy/m);
  });

  it('speaks a text of any length', async () => {
    const text = 'The table by the window is ready for you. '.repeat(120);
    const { code, stderr } = await say(text, '--diffusion-steps', '0', '--vtt', file('long.vtt'));
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/s of audio in/) });
    const cues = parseVtt(await readFile(file('long.vtt'), 'utf8'));
    expect(cues.length).toBe(120);
    const wav = await readFile(file('out.wav'));
    expect(wav.length).toBe(wav.readUInt32LE(4) + 8);
  });

  it('plays with ffplay, without a file', async () => {
    const args = ['Hi.', '--shards', file('shards'), '--play'];
    const played = await runScript('say.ts', args, { SDL_AUDIODRIVER: 'dummy' });
    expect(played).toMatchObject({ code: 0, stderr: expect.stringMatching(/^played: [\d.]+ s of audio/m) });
    const silent = await runScript('say.ts', args, { PATH: folder });
    expect(silent.code).toBe(1);
    expect(silent.stderr).toMatch(/^say: --play finds no player\. Install one of ffplay, .*\n$/);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a folder that is not there',
      ['Hi.', '--out', '/nowhere/out.wav'],
      /^say: \/nowhere\/out\.wav can't be opened: there is no such file or folder\.\n$/,
    ],
    [
      'a file that is not there',
      ['--ssml', '/nowhere/in.xml'],
      /^say: \/nowhere\/in\.xml can't be opened: there is no such file or folder\.\n$/,
    ],
    ['a format that is none', ['Hi.', '--out', 'x.doc'], /^say: can't tell a format from 'x\.doc'/],
    ['an unknown emotion', ['Hi.', '--emotion', 'glee=1'], /no emotion "glee".*neutral/],
    ['weights above 1', ['Hi.', '--emotion', 'happy=0.7,sad=0.7'], /in all 1/],
    ['an unknown voice', ['Hi.', '--voice', 'hazel+nobody'], /no voice "nobody"/],
    ['a style that is none', ['Hi.', '--style', 'sty_AAAA'], /style id/],
    [
      'a recording that is none',
      ['Hi.', '--reference', join(import.meta.dirname, 'say.test.ts')],
      /not a WAV/,
    ],
    ['two texts', ['Hi.', '--ssml', 'x.xml'], /not both/],
    ['13 semitones', ['Hi.', '--pitch', '13'], /-12 to 12/],
    ['a mark in plain text', ['Hi.', '--timestamps', 'mark'], /<mark>/],
  ])('refuses %s and leaves no file', async (_, args, says) => {
    await rm(file('out.wav'), { force: true });
    const { code, stderr } = await say(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^ +at /m);
    await expect(readFile(file('out.wav'))).rejects.toThrow('ENOENT');
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../../scripts/sori/program.ts';

const output = { stdout: '', stderr: '' };
const written = (stream: 'stdout' | 'stderr') =>
  vi.spyOn(process[stream], 'write').mockImplementation((text) => {
    output[stream] += text;
    return true;
  });

beforeEach(() => {
  vi.stubEnv('SORI_URL', 'http://127.0.0.1:1');
  vi.stubEnv('SORI_SIGNING_KEY', '');
  Object.assign(output, { stdout: '', stderr: '' });
  const spies = [written('stdout'), written('stderr')];
  return () => {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  };
});

describe('a wrong command line exits with 2 and an explanation', () => {
  it.each<{ args: string[]; why: RegExp }>([
    {
      args: ['keys', 'create', '--name', 'x', '--scopes', 'everything'],
      why: /expected some of speech, prompts:read/,
    },
    { args: ['keys', 'create', '--name', 'x'], why: /required option '--scopes/ },
    { args: ['keys', 'create', '--name', 'x', '--scopes', 'speech', '--rate', '61/m'], why: /60\/m, 300\/m/ },
    {
      args: ['keys', 'create', '--name', 'x', '--scopes', 'speech', '--monthly-chars', 'many'],
      why: /whole number/,
    },
    { args: ['keys', 'rotate'], why: /missing required argument 'id'/ },
    { args: ['keys', 'rotate', 'x', '--overlap', 'long'], why: /such as 90s/ },
    { args: ['keys', 'burn'], why: /unknown command 'burn'/ },
    { args: ['usage', '--by', 'week'], why: /day, key or day,key/ },
    { args: ['usage', '--from', 'yesterday'], why: /2026-11-21/ },
    { args: ['sign', 'Hello.', '--format', 'midi'], why: /mulaw-wav/ },
    { args: ['sign', 'Hello.', '--expires', '11y'], why: /ten years/ },
    { args: ['sign', 'Hello.', '--by', 'x'], why: /--by goes with --signing-key/ },
    { args: ['sign', 'Hello.', '--signing-key', 'k1:short'], why: /--signing-key: a secret has at least 32/ },
    { args: ['sign', 'Hello.', '--signing-key', 'short'], why: /--signing-key: expected id:secret/ },
    { args: ['sign', 'Hello.', '--set', 'pitch'], why: /pitch=2/ },
    { args: ['--url', 'ftp://x', 'usage'], why: /https:\/\/sori.example.com/ },
    { args: ['dance'], why: /unknown command 'dance'/ },
    { args: [], why: /Usage: sori/ },
  ])('$args', async ({ args, why }) => {
    expect(await runProgram(args)).toBe(2);
    expect(output.stdout).toBe('');
    expect(output.stderr).toMatch(why);
  });
});

it.each([
  { args: ['--help'], examples: true },
  { args: ['keys', '--help'], examples: true },
  { args: ['keys', 'create', '--help'], examples: false },
  { args: ['sign', '--help'], examples: true },
  { args: ['usage', '-h'], examples: true },
  { args: ['prompts', '--help'], examples: false },
])('$args prints its help', async ({ args, examples }) => {
  expect(await runProgram(args)).toBe(0);
  expect(output.stdout).toMatch(/--api-key <key>/);
  if (examples) expect(output.stdout).toMatch(/Examples:\n {2}.*npm run sori -- /);
});

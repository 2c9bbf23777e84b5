import { describe, expect, it } from 'vitest';
import { SNIPPETS } from '../../../studio/snippets/index.ts';

const given = (input: string, key = false) => ({
  base: 'https://sori.example/',
  body: { model: 'sori-2', voice: 'clara', input, speed: 1.25 },
  format: 'mp3',
  key,
});

describe.each(Object.entries(SNIPPETS))('the snippet for %s', (_, snippet) => {
  it('contains the address, the voice and the speed', () => {
    const code = snippet(given('Good morning.'));
    for (const part of ['https://sori.example/v1/audio/speech', 'clara', '1.25', 'Good morning.']) {
      expect(code).toContain(part);
    }
    expect(code).not.toMatch(/key/i);
  });

  it('contains no key, and states where it goes', () => {
    expect(snippet(given('Good morning.', true))).toMatch(/SORI_API_KEY|apiKey|API key/);
  });
});

describe('hostile texts', () => {
  it('stay within the shell’s quotes', () => {
    expect(SNIPPETS.curl(given("it's $(id)"))).toContain(`it'\\''s $(id)`);
  });

  it('do not end the script of the page', () => {
    expect(SNIPPETS.HTML(given('</script><b>')).match(/<\/script>/g)).toHaveLength(1);
  });

  it('do not end the raw string of Swift', () => {
    const code = SNIPPETS.iOS(given('"""# and """##'));
    expect(code).toContain('Data(###"""');
    expect(code).toContain('"""###.utf8');
  });

  it('are JavaScript with the same value', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to stay as it is.
    const input = '`${x}` \\ "quotes" \u2028 </script>';
    const body = /body: JSON\.stringify\((\{[\s\S]*?\n {2}\})\),/.exec(SNIPPETS.Node(given(input)))![1];
    expect(JSON.parse(body)).toMatchObject({ input });
  });
});

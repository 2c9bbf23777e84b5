import { describe, expect, it } from 'vitest';
import { readForm } from '../../../src/http/bodies/form-body.ts';

const HEAD = 'Content-Disposition: form-data; name="a"\r\n\r\n';
const part = (text = 'x') => `--b\r\n${HEAD}${text}\r\n`;

const read = (body: string, type = 'multipart/form-data; boundary=b') => {
  const init = { method: 'POST', headers: { 'Content-Type': type }, body };
  return readForm(new Request('http://localhost/', init), 32 * 1024 * 1024);
};

describe('a form', () => {
  it('is parsed as platforms write it, with any boundary', async () => {
    for (const boundary of ['b', '----WebKitFormBoundary7MA4YWxkTrZu0gW', "'()+_,-./:=?"]) {
      const body = `${part('Ana').replaceAll('--b', `--${boundary}`)}--${boundary}--\r\n`;
      const form = await read(body, `multipart/form-data; charset=utf-8; boundary="${boundary}"`);
      expect(form.text('a')).toBe('Ana');
    }
    const form = new FormData();
    form.set('name', 'Ana');
    form.append('files', new Blob([Uint8Array.of(10, 45, 45, 10)]), 'a.wav');
    const sent = await readForm(new Request('http://localhost/', { method: 'POST', body: form }), 10_000);
    expect(sent.text('name')).toBe('Ana');
    expect(await sent.files('files')[0].bytes()).toEqual(Uint8Array.of(10, 45, 45, 10));
  });

  it('may have 32 parts', async () => {
    expect((await read(`${part('y').repeat(32)}--b--\r\n`)).text('a')).toBe('y');
    await expect(read(`${part().repeat(33)}--b--\r\n`)).rejects.toMatchObject({
      code: 'invalid_value',
      message: 'A form may have 32 parts.',
    });
  });

  it.each([
    ['as many parts as fit', part('').repeat(300_000)],
    ['parts without headers', '--b\r\n\r\n\r\n'.repeat(1_400_000)],
    ['headers without end', `--b\r\n${'X-A: b\r\n'.repeat(1_900_000)}\r\n\r\n--b--\r\n`],
    [
      'a header without end',
      `--b\r\nContent-Disposition: form-data; name="${'a'.repeat(15e6)}"\r\n\r\n\r\n--b--\r\n`,
    ],
    ['a part that ends in its headers', '--b\r\nContent-Disposition: form-data'],
  ])('of %s is refused before it is parsed', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({
      code: 'invalid_value',
      message: expect.stringMatching(/^(?:A form may have 32 parts|The headers of a form’s part)/),
    });
  });

  it('needs a boundary', async () => {
    for (const type of ['multipart/form-data; charset=utf-8', 'multipart/form-data; boundary=']) {
      await expect(read('x', type)).rejects.toMatchObject({ code: 'invalid_value' });
    }
  });
});

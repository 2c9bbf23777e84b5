import { expect, test } from 'vitest';
import { MAX_WARNINGS, positionOf, Warnings } from '../../../src/text/warnings.ts';

test('a warning has a message, a field and a position', () => {
  const warnings = new Warnings({ text: 'one\r\ntwo ☃' });
  warnings.add('unreadable_text', 'The character "☃" has no spoken form and is left out.', 9);
  warnings.add('unknown_voice', 'The voice "Zira" is unknown.');
  expect(warnings.list()).toEqual([
    {
      code: 'unreadable_text',
      message: 'The character "☃" has no spoken form and is left out.',
      param: 'input',
      position: { offset: 9, line: 2, column: 5 },
    },
    { code: 'unknown_voice', message: 'The voice "Zira" is unknown.', param: 'input' },
  ]);
});

test('the same warning is listed once, with its first position', () => {
  const warnings = new Warnings({ text: 'a☃☃', param: 'template' });
  warnings.add('unreadable_text', 'Left out.', 1);
  warnings.add('unreadable_text', 'Left out.', 2);
  expect(warnings.list()).toMatchObject([{ param: 'template', position: { offset: 1 } }]);
});

test('the list is bounded and states how many are missing', () => {
  const warnings = new Warnings({ text: '' });
  for (let i = 0; i < MAX_WARNINGS; i++) warnings.add('ignored_element', `Element ${i}.`, 0);
  expect(warnings.list()).toHaveLength(MAX_WARNINGS);
  warnings.add('ignored_element', 'Element x.', 0);
  expect(warnings.list().at(-1)).toEqual({
    code: 'more_warnings',
    message: '1 more warning is not listed.',
    param: 'input',
  });
  warnings.add('ignored_element', 'Element y.', 0);
  expect(warnings.list()).toHaveLength(MAX_WARNINGS + 1);
  expect(warnings.list().at(-1)?.message).toBe('2 more warnings are not listed.');
});

test('in strict mode the first warning is an error with the position', () => {
  const warnings = new Warnings({ text: 'a\nb☃', strict: true });
  expect(() => warnings.add('unreadable_text', 'Left out.', 3)).toThrow(
    expect.objectContaining({
      code: 'invalid_value',
      param: 'input',
      message: 'line 2, column 2 (offset 3): Left out.',
    }),
  );
  expect(() => warnings.add('unknown_voice', 'The voice is unknown.')).toThrow(
    expect.objectContaining({ code: 'unknown_voice', message: 'The voice is unknown.' }),
  );
});

test('an offset outside the text becomes its nearest end', () => {
  expect(positionOf('ab', -1)).toEqual({ offset: 0, line: 1, column: 1 });
  expect(positionOf('ab', 9)).toEqual({ offset: 2, line: 1, column: 3 });
});

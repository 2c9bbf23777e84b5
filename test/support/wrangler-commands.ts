import { createRequire } from 'node:module';

// By `require`, because `import` parses its ten megabytes once more to find out that it is CommonJS.
const { experimental_getWranglerCommands } = createRequire(import.meta.url)(
  'wrangler',
) as typeof import('wrangler');

/**
 * Checks a command line against wrangler's own registry, which takes a second less than `wrangler … --help`.
 * @param words after `wrangler`.
 * @throws when there is no such command, or when it doesn't take all of these arguments.
 */
export function checkWranglerCommand(words: readonly string[]): void {
  const { registry, globalFlags } = experimental_getWranglerCommands();
  let node = registry;
  const rest = [...words];
  for (let next = node.subtree.get(rest[0]); next; next = node.subtree.get(rest[0])) {
    node = next;
    rest.shift();
  }
  const { definition } = node;
  if (definition?.type !== 'command') throw new Error(`wrangler has no command ${words.join(' ')}`);
  const { args = {}, positionalArgs = [] } = definition;
  let values = 0;
  while (rest.length > 0) {
    const word = rest.shift()!;
    const [, option, value] = /^--([^=]+)(=.*)?$/.exec(word) ?? [];
    if (option === undefined) {
      if (++values > positionalArgs.length)
        throw new Error(`wrangler ${words.join(' ')}: ${word} is too much`);
      continue;
    }
    const known = { ...globalFlags, ...args }[option];
    if (known === undefined) throw new Error(`wrangler ${words.join(' ')}: there is no ${word}`);
    if (known.type !== 'boolean' && value === undefined) rest.shift();
  }
}

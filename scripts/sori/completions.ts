/** `sori completions`: scripts that make shells complete commands and options. */
import { Argument, Command } from 'commander';

/** Possible continuations of a command line. */
interface Place {
  /** Command words, such as `jobs create`; empty for the program. */
  readonly words: string;
  readonly completions: readonly Completion[];
}

interface Completion {
  readonly text: string;
  readonly about: string;
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof SHELLS)[number];

/** The `completions` command. */
export function completionsCommand(): Command {
  return new Command('completions')
    .description('Print a script that makes a shell complete commands and options.')
    .addArgument(new Argument('<shell>', 'shell').choices([...SHELLS]))
    .addHelpText(
      'after',
      `
The command sori must be on the PATH: npm install --global sori.

Examples:
  sori completions bash > ~/.local/share/bash-completion/completions/sori
  sori completions zsh > "\${fpath[1]}/_sori"
  sori completions fish > ~/.config/fish/completions/sori.fish`,
    )
    .action((shell: Shell, _flags: object, command: Command) => {
      process.stdout.write(WRITERS[shell](placesOf(rootOf(command))));
    });
}

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);

function placesOf(
  command: Command,
  words: readonly string[] = [],
  inherited: readonly Completion[] = [],
): Place[] {
  const options = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ text: long ?? short ?? '', about: description }));
  const all = [...options, ...inherited];
  const help = { text: '--help', about: 'display help for command' };
  const commands = command.commands.map((child) => ({ text: child.name(), about: child.description() }));
  return [
    { words: words.join(' '), completions: [...commands, ...all, help] },
    ...command.commands.flatMap((child) => placesOf(child, [...words, child.name()], all)),
  ];
}

const WRITERS: Readonly<Record<Shell, (places: readonly Place[]) => string>> = { bash, zsh, fish };

function bash(places: readonly Place[]): string {
  const cases = places.map(({ words, completions }) => {
    return `    ${quoted(words)}) words=${quoted(completions.map(({ text }) => text).join(' '))} ;;`;
  });
  return `# Completions of sori for bash.
_sori() {
  local current=\${COMP_WORDS[COMP_CWORD]} place='' words='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="$place\${place:+ }\${COMP_WORDS[i]}"
    [[ ${quoted(known(places))} == *"|$next|"* ]] && place=$next
  done
  case "$place" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Where no command or option fits, a file may.
  [[ \${#COMPREPLY[@]} -gt 0 || $current == -* ]] || compopt -o default 2>/dev/null
}
complete -F _sori sori
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ words, completions }) => {
    const items = completions.map(({ text, about }) => quoted(`${text}:${about.replaceAll(':', '\\:')}`));
    return `    ${quoted(words)}) items=(${items.join(' ')}) ;;`;
  });
  return `#compdef sori
# Completions of sori for zsh.
_sori() {
  local place='' next i
  local -a items
  for ((i = 2; i < CURRENT; i++)); do
    next="$place\${place:+ }\${words[i]}"
    [[ ${quoted(known(places))} == *"|$next|"* ]] && place=$next
  done
  case "$place" in
${cases.join('\n')}
  esac
  _describe 'sori' items || _files
}
_sori "$@"
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, completions }) =>
    completions.map(({ text, about }) => {
      const what = text.startsWith('--') ? `-l ${text.slice(2)}` : `-a ${fishQuoted(text)}`;
      return `complete -c sori -n ${fishQuoted(`test (__sori_place) = "${words}"`)} ${what} -d ${fishQuoted(about)}`;
    }),
  );
  return `# Completions of sori for fish.
function __sori_place
  set -l place ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    contains -- "$next" ${places.flatMap(({ words }) => (words === '' ? [] : fishQuoted(words))).join(' ')}
    and set place $next
  end
  echo "$place"
end
${lines.join('\n')}
`;
}

/** All command words, each between two bars. */
const known = (places: readonly Place[]): string => `|${places.map(({ words }) => words).join('|')}|`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

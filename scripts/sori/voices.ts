/** `sori voices`: the voices of a server. */
import { Command } from 'commander';
import type { VoiceAnswer } from '../../src/features/voices/schema.ts';
import type { SoriClient } from './client.ts';
import { sessionOf } from './config.ts';
import { printJson, table } from './output.ts';

interface Flags {
  language?: string;
  model?: string;
}

/**
 * The voices of a server, those that the key may use.
 * @throws what the client throws.
 */
export async function listVoices(client: SoriClient): Promise<readonly VoiceAnswer[]> {
  return (await client.json<{ data: readonly VoiceAnswer[] }>('GET', '/v1/voices')).data;
}

/** The `voices` command. */
export function voicesCommand(): Command {
  return new Command('voices')
    .description('List the voices of a server, your own cloned ones included.')
    .option('-l, --language <tag>', 'only of this language: en, en-AU, ko')
    .option('-m, --model <name>', 'only of this model')
    .addHelpText(
      'after',
      `
Examples:
  npm run sori -- voices
  npm run sori -- voices --language en-AU --json`,
    )
    .action(async ({ language, model }: Flags, command: Command) => {
      const { client, json } = sessionOf(command);
      const voices = (await listVoices(client)).filter(
        (voice) =>
          (model === undefined || voice.model === model) &&
          (language === undefined || speaks(voice.language, language)),
      );
      if (json) return printJson(voices);
      if (voices.length === 0) return console.log('There are no such voices.');
      console.log(
        table(voices, [
          { heading: 'VOICE', value: ({ id }) => id },
          { heading: 'LANGUAGE', value: (voice) => voice.language },
          { heading: 'SEX', value: ({ sex }) => sex },
          { heading: 'MODEL', value: (voice) => voice.model },
          { heading: 'DESCRIPTION', value: ({ description }) => description },
        ]),
      );
    });
}

/** `en` finds all accents. */
function speaks(tag: string, wanted: string): boolean {
  const [one, other] = [tag.toLowerCase(), wanted.toLowerCase()];
  return one === other || one.startsWith(`${other}-`);
}

/** Options that `say` and `sing` have in common. */
import type { Command } from 'commander';
import { formatOption } from '../lib/format-flag.ts';
import { MODELS_FOLDER } from '../lib/node-engine.ts';
import { emotion, number, pronunciation } from './flags.ts';
import { DEFAULT_VOICE } from './options.ts';

/** Adds `--format`, `--model`, `--language` and `--pronounce`. @param words what is pronounced: `text` or `lyrics`. */
export function addInputOptions(command: Command, words: string): Command {
  return command
    .addOption(formatOption('audio format (default: by the file name)'))
    .option('-m, --model <name>', 'model', 'sori-2')
    .option('-l, --language <tag>', `language of the ${words} (default: the voice's)`)
    .option('-p, --pronounce <word=ipa>', 'pronunciation of a word; may be repeated', pronunciation, {});
}

/** Begins the group of the voice: `--voice`, `--style` and `--emotion`. */
export function addVoiceOptions(command: Command): Command {
  return command
    .optionsGroup('Voice:')
    .option('-v, --voice <voice>', `voice, or a mix: "hazel(2)+clara(1)" (default: ${DEFAULT_VOICE})`)
    .option('--style <id>', 'style id in place of a voice')
    .option('--emotion <weights>', 'happy, or happy=0.6,sad=0.4', emotion);
}

/** Adds `--shards`, `--threads` and `--quiet`. */
export function addRuntimeOptions(command: Command): Command {
  return command
    .option('--shards <folder>', 'folder with the models', MODELS_FOLDER)
    .option('--threads <count>', 'threads of the inference runtime', number(1, 64, true), 1)
    .option('-q, --quiet', 'no progress and no timing');
}

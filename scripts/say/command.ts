import { Command, Option } from 'commander';
import { field, fromTo, units } from './flags.ts';
import type { SayFlags } from './options.ts';
import { addInputOptions, addRuntimeOptions, addVoiceOptions } from './shared-options.ts';
import { speak } from './speak.ts';

/** The `say` command: the same pipeline as the Worker's, in this process, from text to an audio file. */
export function sayCommand(): Command {
  const command = new Command('say')
    .description('Speak a text into an audio file, or aloud, with the model of this package. Asks no server.')
    .argument('[text]', "text to speak, plain or SSML; '-' or no text reads standard input")
    .option(
      '-o, --out <file>',
      "audio file; '-' writes to standard output (default: speech.wav; none with --play)",
    )
    .option('--play', 'play it while it is made, with ffplay, aplay, paplay or afplay');
  addInputOptions(command, 'text')
    .option('--ssml <file>', 'read the text from an SSML file')
    .addOption(
      new Option('--input-type <type>', 'kind of the input; phonemes are IPA').choices(['text', 'phonemes']),
    );
  addVoiceOptions(command)
    .option('--reference <file.wav>', 'speak like this recording, and print its style id')
    .option('--alpha <share>', `sampled timbre, ${fromTo('alpha')}`, field('alpha'))
    .option('--beta <share>', `sampled prosody, ${fromTo('beta')}`, field('beta'))
    .option(
      '--diffusion-steps <count>',
      `of the style, ${fromTo('diffusion_steps')}`,
      field('diffusion_steps', true),
    )
    .option('--embedding-scale <weight>', `guidance, ${fromTo('embedding_scale')}`, field('embedding_scale'))
    .option('--seed <number>', 'seed of all noise', field('seed', true))
    .option(
      '--refine-steps <count>',
      `of the mel refiner, ${fromTo('refine_steps')}`,
      field('refine_steps', true),
    )
    .optionsGroup('Delivery:')
    .option('-s, --speed <factor>', fromTo('speed'), field('speed'))
    .option('--pitch <semitones>', fromTo('pitch'), field('pitch'))
    .option('--pitch-range <factor>', fromTo('pitch_range'), field('pitch_range'))
    .option('--energy <dB>', fromTo('energy'), field('energy'))
    .option('--pauses <factor>', fromTo('pauses'), field('pauses'))
    .optionsGroup('Look at it:')
    .option('--phonemes', 'print how each word is read, without synthesis')
    .option('--explain', 'print phonemes with duration, F0 and energy')
    .option('--plot <file.png>', 'draw waveform, mel, F0 and phonemes')
    .option('--timestamps <units>', 'print timestamps of: word,phoneme,sentence,mark', units)
    .option('--vtt <file>', 'write WebVTT captions, by the first unit of --timestamps (default: sentence)')
    .option('--srt <file>', 'the same as SubRip')
    .optionsGroup('Other:')
    .option('--list-voices', 'print voices and emotions and stop');
  return addRuntimeOptions(command)
    .addHelpText(
      'after',
      `
A plain text may have any length. SSML and phonemes have up to 4096 characters.

Examples:
  npm run say -- "Your table is ready." --out hello.wav
  npm run say -- "We won!" --voice "hazel(2)+clara(1)" --emotion happy=0.8 --pitch 1
  npm run say -- "Press one for sales." --out menu.ulaw --explain --plot menu.png
  npm run say -- --ssml letter.xml --out letter.mp3 --vtt letter.vtt
  npm run say -- --play < book.txt`,
    )
    .action(async (text: string | undefined, flags: SayFlags) => {
      await speak(text, { ...flags, out: flags.out ?? (flags.play ? undefined : 'speech.wav') });
    });
}

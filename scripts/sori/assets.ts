/** `sori assets`: the files that a page needs to speak by itself. */
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { userPath } from '../lib/user-path.ts';
import { sessionOf } from './config.ts';
import { printJson } from './output.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { resolve: resolvePackage } = createRequire(import.meta.url);

/** Where the files come from, by their names in the folder. */
function sources(): Readonly<Record<string, string>> {
  const runtime = dirname(resolvePackage('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  return {
    'models/sori-2': join(ROOT, 'shards/sori-2'),
    'kernel.wasm': join(ROOT, 'src/synthesis/vocoder/kernel/kernel.wasm'),
    'stack.wasm': join(ROOT, 'src/inference/stack/kernel/stack.wasm'),
    'opus.wasm': join(ROOT, 'src/audio/codecs/opus.wasm'),
    'mp3.wasm': join(ROOT, 'src/audio/codecs/mp3.wasm'),
    'aac.wasm': join(ROOT, 'src/audio/codecs/aac.wasm'),
    'recordings.wasm': join(ROOT, 'src/audio/codecs/recordings.wasm'),
    'ort-wasm-simd-threaded.wasm': join(runtime, 'ort-wasm-simd-threaded.wasm'),
    'ort-wasm-simd-threaded.asyncify.wasm': join(runtime, 'ort-wasm-simd-threaded.asyncify.wasm'),
  };
}

/** The `assets` command. */
export function assetsCommand(): Command {
  return new Command('assets')
    .description(
      'Copy the model and the WebAssembly files into a folder that a web site serves. Asks no server.',
    )
    .argument('<folder>', 'made if it is not there')
    .addHelpText(
      'after',
      `
In the page: createSori({ assets: '/sori/' }), where the site serves the folder at /sori/.

Examples:
  npm run sori -- assets public/sori`,
    )
    .action(async (folder: string, _flags: object, command: Command) => {
      const { json } = sessionOf(command);
      const target = userPath(folder);
      await mkdir(target, { recursive: true });
      const files = Object.entries(sources());
      for (const [name, source] of files) await cp(source, join(target, name), { recursive: true });
      if (json) printJson({ folder: target, files: files.map(([name]) => name) });
      else console.log(`Wrote ${files.map(([name]) => name).join(', ')} into ${folder}.`);
    });
}

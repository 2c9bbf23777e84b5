import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { describeFolder } from '../../../src/models/check.ts';
import { ModelStore } from '../../../src/models/store.ts';
import { userPath } from '../../lib/user-path.ts';
import { sessionOf } from '../config.ts';
import { CommandError } from '../failures.ts';
import { count, webAddress } from '../flags.ts';
import { printJson } from '../output.ts';
import {
  checked,
  type DirectoryFlags,
  describeModel,
  faults,
  mebibytes,
  withDirectory,
  withProgress,
} from './common.ts';
import {
  type DownloadedModel,
  type DownloadModelOptions,
  type DownloadPlan,
  downloadModel,
} from './hub/download-model.ts';
import { Hub } from './hub/hub.ts';
import { type HubId, parseHubId } from './hub/hub-id.ts';

interface AddFlags extends DirectoryFlags {
  id?: string;
  driver?: string;
  licence?: string;
  replace?: boolean;
  allowDownload?: boolean;
  hub: URL;
  maxSize: number;
}

/** The `models add` command. */
export function addCommand(): Command {
  return withDirectory(new Command('add'))
    .description(
      'Check a model folder and copy it into the models directory; or download it from a hub first.',
    )
    .argument(
      '<folder or hub id>',
      'folder with model.json, or with files that a driver recognizes; or owner/name[@revision]',
    )
    .option('--id <name>', 'name of the model in requests (default: the id in model.json)')
    .option('--driver <name>', 'driver, for a folder without model.json')
    .option('--licence <name>', 'licence, if the folder states none')
    .option('--replace', 'replace a model of the same name')
    .option('--allow-download', 'download a hub id; SORI_ALLOW_DOWNLOAD=on does the same')
    .addOption(
      new Option('--hub <url>', 'the hub, or a mirror of it')
        .env('HF_ENDPOINT')
        .argParser(webAddress)
        .default(new URL('https://huggingface.co'), 'https://huggingface.co'),
    )
    .addOption(new Option('--max-size <MiB>', 'size of a download at most').argParser(count).default(4096))
    .addHelpText(
      'after',
      `
Everything is checked before the model is there for requests: hashes, operators, inputs and outputs, and one run.
A download that was interrupted continues when the command is run again. HF_TOKEN is sent for gated models.

Examples:
  npm run sori -- models add ./whisper-base
  npm run sori -- models add ./Kokoro-82M-v1.0-ONNX --id kokoro --replace
  npm run sori -- models add onnx-community/Kokoro-82M-v1.0-ONNX --id kokoro --allow-download`,
    )
    .action(async (what: string, flags: AddFlags, command: Command) => {
      const { json, signal } = sessionOf(command);
      const directory = userPath(flags.directory);
      const { manifest } = await faults(what, async () => {
        const download = await downloadHubId(what, directory, flags, { json, signal });
        const source = download?.folder ?? userPath(what);
        const described = await describeFolder(source, {
          id: flags.id,
          driver: flags.driver,
          licence: flags.licence ?? download?.licence,
          source: download?.page,
          signal,
        });
        const options = { replace: flags.replace, temporary: download !== undefined, signal };
        const check = async (copy: Parameters<typeof checked>[0]) => {
          try {
            return await checked(copy, json, signal);
          } catch (error) {
            // Downloading it again would not make it fit.
            if (!signal.aborted) await download?.remove();
            throw error;
          }
        };
        const installed = await new ModelStore(directory).add(described, source, check, options);
        await download?.remove();
        return installed;
      });
      if (json) return printJson(manifest);
      console.log(`Added ${describeModel(manifest)}`);
    });
}

/** Downloads a hub id. @returns `undefined` for a folder. */
async function downloadHubId(
  what: string,
  directory: string,
  flags: AddFlags,
  { json, signal }: { json: boolean; signal: AbortSignal },
): Promise<(DownloadedModel & { readonly page: string }) | undefined> {
  const id = parseHubId(what);
  const folder = await stat(userPath(what)).catch(() => undefined);
  if (id === undefined || folder !== undefined) return undefined;
  if (!flags.allowDownload && process.env.SORI_ALLOW_DOWNLOAD !== 'on') {
    throw new CommandError(
      `There is no folder ${what}. If it is a model on ${flags.hub.host}, --allow-download (or SORI_ALLOW_DOWNLOAD=on) lets this command download it`,
    );
  }
  const hub = new Hub({ address: flags.hub, token: process.env.HF_TOKEN, signal });
  const { driver, maxSize } = flags;
  const transfer: DownloadModelOptions['transfer'] = async (plan, work) => {
    if (!json) process.stderr.write(`${describePlan(id, plan, hub)}\n`);
    await withProgress('Downloading', plan.bytes, json, work);
  };
  const model = await downloadModel(id, {
    hub,
    directory,
    driver,
    maxBytes: maxSize * 1024 * 1024,
    transfer,
    signal,
  });
  return { ...model, page: hub.page(model.repository.id, model.repository.commit) };
}

function describePlan(
  { repository, revision }: HubId,
  { repository: { commit, licence }, files, bytes }: DownloadPlan,
  hub: Hub,
): string {
  const about = [
    `licence ${licence ?? 'not stated'}`,
    `${files.length} files`,
    mebibytes(bytes),
    hub.page(repository, commit),
  ];
  return `${repository}@${revision}: ${about.join(', ')}`;
}

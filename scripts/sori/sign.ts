/** `sori sign`: a signed URL of speech, which works without an API key. */
import { spawn } from 'node:child_process';
import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { AudioFormatId } from '../../src/audio/format.ts';
import { parseUrlSpeech, SIGNED_PATH, signSpeechUrl } from '../../src/features/speech/signed/request.ts';
import { MAX_LIFETIME_SECONDS, parseSigningKeys } from '../../src/http/signed-url.ts';
import { formatOption } from '../lib/format-flag.ts';
import { emotion, field, fromTo } from '../say/flags.ts';
import { type Session, sessionOf } from './config.ts';
import { UsageError } from './failures.ts';
import { duration, setting } from './flags.ts';
import { printJson } from './output.ts';

interface Flags {
  model: string;
  voice?: string;
  format: AudioFormatId;
  language?: string;
  speed?: number;
  emotion?: string | Record<string, number>;
  set?: Record<string, unknown>;
  expires: number;
  open?: boolean;
  signingKey?: string;
  by?: string;
}

interface SignedUrl {
  readonly url: string;
  readonly expires_at: string;
}

const HOUR = 3600;

/** The `sign` command. */
export function signCommand(): Command {
  return new Command('sign')
    .description(
      'Create a signed URL of speech, for <audio src>, mails and caches. The first request of it synthesizes.',
    )
    .argument('[text]', "text to speak, plain or SSML; '-' or no text reads standard input")
    .option('-v, --voice <voice>', 'voice, or a mix: "hazel(2)+clara(1)"')
    .addOption(formatOption().default('mp3'))
    .option('-m, --model <name>', 'model', 'sori-2')
    .option('-l, --language <tag>', "language of the text (default: the voice's)")
    .option('-s, --speed <factor>', fromTo('speed'), field('speed'))
    .option('--emotion <weights>', 'happy, or happy=0.6,sad=0.4', emotion)
    .option('--set <field=value>', 'any other field of POST /v1/audio/speech; may be repeated', setting)
    .addOption(
      new Option('--expires <time>', 'lifetime: 90s, 30m, 1h, 7d, 1y')
        .argParser(duration)
        .default(HOUR, '1h'),
    )
    .option('--open', 'open it in the default program for URLs')
    .addOption(
      new Option(
        '--signing-key <id:secret>',
        'sign locally, without a request, with one of the SIGNING_KEYS of the server',
      ).env('SORI_SIGNING_KEY'),
    )
    .option('--by <key id>', 'with --signing-key: id of the API key that is charged')
    .addHelpText(
      'after',
      `
Examples:
  npm run sori -- sign "Your table is ready." --voice clara --expires 7d
  npm run sori -- sign "Press one." --voice clara --format mulaw-wav --set pitch=-1 --json
  SORI_SIGNING_KEY=k1:… npm run sori -- sign "Hello." --voice clara --url https://sori.example.com`,
    )
    .action(async (text: string | undefined, flags: Flags, command: Command) => {
      const session = sessionOf(command);
      const signed = await sign(session, await bodyOf(text, flags), flags);
      if (session.json) printJson(signed);
      else console.log(signed.url);
      if (flags.open) openAddress(signed.url);
    });
}

async function bodyOf(text: string | undefined, flags: Flags): Promise<Record<string, unknown>> {
  const input = text === undefined || text === '-' ? (await readAll(process.stdin)).trim() : text;
  const { model, voice, language, speed, emotion } = flags;
  return { model, input, voice, language, speed, emotion, response_format: flags.format, ...flags.set };
}

async function sign({ client }: Session, body: Record<string, unknown>, flags: Flags): Promise<SignedUrl> {
  const { expires: seconds, signingKey, by } = flags;
  if (seconds > MAX_LIFETIME_SECONDS) throw new UsageError('--expires is ten years at most.');
  if (!signingKey) {
    if (by !== undefined)
      throw new UsageError('--by goes with --signing-key: a server signs for the key it is asked with.');
    return await client.json<SignedUrl>('POST', `${SIGNED_PATH}/sign`, {
      body: { ...body, expires_in: seconds },
    });
  }
  const keys = keysOf(signingKey);
  parseUrlSpeech(body);
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const url = await signSpeechUrl(keys, client.address(SIGNED_PATH).href, body, {
    expires,
    payer: by,
  });
  return { url, expires_at: new Date(expires * 1000).toISOString() };
}

function keysOf(signingKey: string) {
  try {
    return parseSigningKeys(signingKey)!;
  } catch (error) {
    throw new UsageError((error as Error).message.replace('SIGNING_KEYS, key 1', '--signing-key'));
  }
}

function openAddress(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer'] : ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () =>
    process.stderr.write(`sori: ${command} is not to be had; open the address yourself.\n`),
  );
  child.unref();
}

import type { AddressInfo } from 'node:net';
import { Command, InvalidArgumentError } from 'commander';
import { sessionOf } from '../config.ts';
import { createBridge } from './bridge.ts';

interface Flags {
  host: string;
  port: number;
  voice?: string;
}

/** `sori wyoming`: a bridge for Home Assistant. */
export function wyomingCommand(): Command {
  return new Command('wyoming')
    .description('Serve the Wyoming protocol of Home Assistant over TCP, and have the server speak.')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any', portOf, 10_200)
    .option('--voice <voice>', 'voice of requests that name none')
    .action(async ({ host, port, voice }: Flags, command: Command) => {
      const { client, signal } = sessionOf(command);
      const server = createBridge(client, voice);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const { port: taken } = server.address() as AddressInfo;
      console.log(`Wyoming at tcp://${host}:${taken}, speech by ${client.url.origin}`);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      server.close();
    });
}

function portOf(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535.');
}

import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Store } from '../../src/library/stores/s3.ts';
import { s3Source } from '../../src/shards/sources/s3.ts';
import { type S3Server, s3Server } from '../support/servers/s3-server.ts';
import { audioStoreContract, bytesOf, keyOf, META, pattern } from './audio/audio-store.contract.ts';
import { sourceContract } from './source.contract.ts';

let server: S3Server;
let client: S3Client;
let buckets = 0;
const newBucket = () => `bucket-${buckets++}`;

beforeAll(async () => {
  server = await s3Server();
  client = clientOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const clientOf = ({ endpoint, accessKeyId, secretAccessKey }: S3Server) =>
  new S3Client({
    endpoint,
    region: 'auto',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

audioStoreContract(async () => s3Store(client, newBucket()));

sourceContract(async () => {
  const bucket = newBucket();
  return {
    source: s3Source(client, bucket),
    put: (key, bytes) => server.put(bucket, `shards/${key}`, bytes),
  };
});

describe('S3', () => {
  const name = `${keyOf('a')}.wav`;

  it('stores metadata of any language in ASCII headers', async () => {
    const store = s3Store(client, newBucket());
    const meta = { ...META, voice: 'tërésa,서리,🗣' };
    await store.putIfAbsent(name, pattern(5), meta);
    expect((await store.head(name))?.meta).toEqual(meta);
  });

  it('retries when the storage throttles, without overwriting', async () => {
    const bucket = newBucket();
    const store = s3Store(client, bucket);
    server.refuse(1);
    expect(await store.putIfAbsent(name, pattern(100), META)).toBe(true);
    server.refuse(1);
    expect(await store.putIfAbsent(name, pattern(200), META)).toBe(false);
    expect(await bytesOf((await store.get(name))?.body)).toEqual(pattern(100));
  });

  it('distinguishes a missing bucket and wrong credentials from a missing object', async () => {
    await expect(s3Store(client, 'missing').get(name)).rejects.toThrow('NoSuchBucket');
    await expect(s3Store(client, 'missing').putIfAbsent(name, pattern(1), META)).rejects.toThrow();
    const stranger = clientOf({ ...server, accessKeyId: 'STRANGER' });
    await expect(s3Store(stranger, newBucket()).head(name)).rejects.toThrow();
    await expect(s3Source(stranger, newBucket()).read('a')).rejects.toThrow('AccessDenied');
  });

  it('refuses an object that another program has written', async () => {
    const bucket = newBucket();
    await server.put(bucket, `audio/${name}`, pattern(10));
    await expect(s3Store(client, bucket).get(name)).rejects.toThrow('no audio metadata');
  });
});

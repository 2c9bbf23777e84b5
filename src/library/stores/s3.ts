import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { wholeSecond } from '../../base/http-date.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { checkedBytes } from '../long-bytes.ts';
import type { AudioHead, AudioMeta, AudioStore, LongBytes } from '../store.ts';
import { checkName, isName } from './names.ts';

/** Most objects in one delete call of S3. */
const DELETE_AT_ONCE = 1000;

/** The headers of HEAD and GET. */
interface Described {
  readonly ContentLength?: number;
  /** Content-Range of a part, as `bytes 0-9/100`. */
  readonly ContentRange?: string;
  readonly LastModified?: Date;
  readonly Metadata?: Record<string, string>;
}

/**
 * Stores audio in a bucket of any S3-compatible storage with conditional writes (R2, AWS, MinIO, Ceph). It has the layout of `r2Store`,
 * so that a Worker and an origin can share an R2 bucket.
 * @param prefix prefix of every object name.
 */
export function s3Store(client: S3Client, bucket: string, prefix = 'audio/'): AudioStore {
  const placeOf = (name: string) => {
    checkName(name);
    return { Bucket: bucket, Key: prefix + name };
  };
  const head = async (name: string): Promise<AudioHead | null> => {
    const place = placeOf(name);
    const object = await orNull(client.send(new HeadObjectCommand(place)));
    return object && headOf(place.Key, object);
  };
  return {
    head,
    async get(name, range) {
      const place = placeOf(name);
      const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
      const object = await orNull(client.send(new GetObjectCommand({ ...place, Range })));
      if (!object?.Body) return null;
      return { ...headOf(place.Key, object), body: object.Body.transformToWebStream() };
    },
    async putIfAbsent(name, bytes, meta, known) {
      const stop = new AbortController();
      const content = contentOf(bytes, stop);
      const command = new PutObjectCommand({
        ...placeOf(name),
        ...content,
        IfNoneMatch: '*',
        Metadata: {
          sha256: bytes instanceof Uint8Array ? (known ?? (await sha256Hex(bytes))) : bytes.sha256,
          meta: asciiJson(meta),
        },
      });
      try {
        await client.send(command, { abortSignal: stop.signal });
        return true;
      } catch (error) {
        if (stop.signal.aborted) throw stop.signal.reason;
        const status = statusOf(error);
        if (status === 412) return false;
        // Storages answer concurrent writers with different errors: another writer may have succeeded.
        if ((status === 409 || status === 429 || status === 503) && (await head(name))) return false;
        throw error;
      }
    },
    async list(after, limit) {
      const { Contents = [], IsTruncated } = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after !== '' && { StartAfter: prefix + after }),
        }),
      );
      const all = Contents.map(({ Key = '', LastModified }) => ({
        name: Key.slice(prefix.length),
        stored: wholeSecond(LastModified?.getTime() ?? Number.NaN),
      }));
      const next = IsTruncated ? all.at(-1)?.name : undefined;
      return { names: all.filter(({ name }) => isName(name)), next };
    },
    async delete(names) {
      const keys = names.map((name) => ({ Key: placeOf(name).Key }));
      for (let at = 0; at < keys.length; at += DELETE_AT_ONCE) {
        const Delete = { Objects: keys.slice(at, at + DELETE_AT_ONCE), Quiet: true };
        const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
        const [fault] = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
        if (fault) throw new Error(`${fault.Key} could not be deleted: ${fault.Code} ${fault.Message}`);
      }
    },
  };
}

/** @param stop aborted when the bytes cannot be read, because the client would wait for the rest. */
function contentOf(bytes: Uint8Array | LongBytes, stop: AbortController) {
  // Copy the bytes: a retry sends them after the caller may have changed them.
  if (bytes instanceof Uint8Array) return { Body: bytes.slice(), ContentLength: bytes.length };
  // The client streams only Node's own kind of stream.
  const body = Readable.from(checkedBytes(bytes));
  body.on('error', (error) => stop.abort(error));
  return { Body: body, ContentLength: bytes.size };
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** A missing bucket is an error, not a missing object. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return null;
    throw error;
  }
}

function headOf(key: string, { ContentLength, ContentRange, LastModified, Metadata }: Described): AudioHead {
  if (!Metadata?.sha256 || !Metadata.meta || !LastModified) {
    throw new Error(`Object ${key} was not written by this store: it has no audio metadata.`);
  }
  return {
    size: Number(ContentRange?.split('/')[1] ?? ContentLength),
    sha256: Metadata.sha256,
    stored: wholeSecond(LastModified.getTime()),
    meta: JSON.parse(Metadata.meta) as AudioMeta,
  };
}

/** Metadata is sent in headers, which hold only ASCII. */
function asciiJson(value: AudioMeta): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ObjectStore } from '../../core/ports/object-store.ts';
import { checkBytes, checkList, checkName } from '../arguments.ts';
import { objectNameOf, textOfObjectName } from '../ordered-names.ts';
import { awsError, isNamed } from './errors.ts';

/** The most objects that one call lists. */
const pageObjectsMax = 1_000;

/** What an {@link S3ObjectStore} may be told. */
export interface S3ObjectStoreOptions {
  /** Default 67,108,864. */
  readonly objectBytesMax?: number;
}

/**
 * An {@link ObjectStore} in a general purpose bucket of S3 without versions (a directory bucket
 * does not list in order).
 *
 * - Its client is made with `awsClientOptions`, whose `requestMs` an object of the largest size
 *   gets through in.
 * - It needs `s3:ListBucket`; without it the service says of an object that isn't there that reading
 *   it is forbidden.
 * - Names of letters, digits, `_`, `:`, `=`, and within a segment `-` and `.`, are the keys.
 */
export class S3ObjectStore extends ObjectStore {
  override readonly objectBytesMax: number;
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(client: S3Client, bucket: string, options: S3ObjectStoreOptions = {}) {
    super();
    this.client = client;
    this.bucket = bucket;
    this.objectBytesMax = options.objectBytesMax ?? 67_108_864;
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    checkBytes('An object', bytes.length, this.objectBytesMax);
    const object = { Bucket: this.bucket, Key: objectNameOf(name) };
    try {
      await this.client.send(new PutObjectCommand({ ...object, Body: bytes }));
    } catch (cause) {
      throw awsError('put an object', cause);
    }
  }

  override async get(name: string): Promise<Uint8Array | null> {
    checkName(name);
    const object = { Bucket: this.bucket, Key: objectNameOf(name) };
    try {
      const { Body } = await this.client.send(new GetObjectCommand(object));
      return await Body!.transformToByteArray();
    } catch (cause) {
      if (isNamed(cause, 'NoSuchKey')) return null;
      throw awsError('get an object', cause);
    }
  }

  override async list(prefix: string, after: string, limit: number): Promise<string[]> {
    checkList(prefix, after, limit);
    const found: string[] = [];
    let last = objectNameOf(after);
    let more = true;
    while (more && found.length < limit) {
      const page = await this.page(objectNameOf(prefix), last, limit - found.length);
      const keys = (page.Contents ?? []).map(({ Key }) => Key!);
      found.push(...keys.map(textOfObjectName));
      last = keys.at(-1) ?? last;
      more = page.IsTruncated ?? false;
    }
    return found;
  }

  override async remove(name: string): Promise<void> {
    checkName(name);
    const object = { Bucket: this.bucket, Key: objectNameOf(name) };
    try {
      await this.client.send(new DeleteObjectCommand(object));
    } catch (cause) {
      throw awsError('remove an object', cause);
    }
  }

  private async page(
    prefix: string,
    after: string,
    limit: number,
  ): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: prefix,
      StartAfter: after === '' ? undefined : after,
      MaxKeys: Math.min(limit, pageObjectsMax),
    });
    return this.client.send(command).catch((cause) => {
      throw awsError('list objects', cause);
    });
  }
}

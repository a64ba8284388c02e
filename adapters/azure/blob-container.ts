import { arrayBuffer } from 'node:stream/consumers';
import type {
  BlobItem,
  BlockBlobUploadOptions,
  ContainerClient,
  ContainerListBlobFlatSegmentResponse,
} from '@azure/storage-blob';
import { storageCode, storageError } from './errors.ts';

/** The most blobs that one call lists. */
const pageBlobsMax = 5_000;

/** A blob as it was read. */
export interface ReadBlob {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** Where a listing starts, and how it goes on. */
export interface Listing {
  readonly prefix: string;
  /** The first name wanted. */
  readonly from: string;
  /** How many blobs a page should hold. */
  readonly blobs: number;
  readonly includeMetadata?: boolean;
}

/** The blobs of a container, by name; every call ends after `callMs`, and fails as MillraceError. */
export class BlobContainer {
  private readonly client: ContainerClient;
  private readonly callMs: number;

  constructor(client: ContainerClient, callMs: number) {
    this.client = client;
    this.callMs = callMs;
  }

  /** Puts a whole blob; false if the conditions don't hold. */
  async put(
    name: string,
    bytes: Uint8Array,
    options: Pick<BlockBlobUploadOptions, 'conditions' | 'metadata'> = {},
  ): Promise<boolean> {
    const blob = this.client.getBlockBlobClient(name);
    try {
      await blob.upload(bytes, bytes.length, { ...options, abortSignal: this.limit() });
      return true;
    } catch (cause) {
      const code = storageCode(cause);
      // 409 when it must not be there and is, 412 when it must be of a version and isn't.
      if (code === 'BlobAlreadyExists' || code === 'ConditionNotMet') return false;
      throw storageError('put a blob', cause);
    }
  }

  /** Reads a whole blob; null if it isn't there. */
  async get(name: string): Promise<ReadBlob | null> {
    const blob = this.client.getBlockBlobClient(name);
    try {
      const options = { abortSignal: this.limit(), maxRetryRequests: 0 };
      const response = await blob.download(0, undefined, options);
      const bytes = new Uint8Array(await arrayBuffer(response.readableStreamBody!));
      return { bytes, etag: response.etag! };
    } catch (cause) {
      if (storageCode(cause) === 'BlobNotFound') return null;
      throw storageError('get a blob', cause);
    }
  }

  /** Removes a blob, of a version if one is given; false if it isn't there. */
  async remove(name: string, ifMatch?: string): Promise<boolean> {
    const blob = this.client.getBlockBlobClient(name);
    const conditions = ifMatch === undefined ? {} : { ifMatch };
    try {
      await blob.delete({ abortSignal: this.limit(), conditions });
      return true;
    } catch (cause) {
      const code = storageCode(cause);
      if (code === 'BlobNotFound' || code === 'ConditionNotMet') return false;
      throw storageError('remove a blob', cause);
    }
  }

  /** Lists blobs in the order of their names, page by page. */
  async *list(listing: Listing): AsyncGenerator<BlobItem[], void, undefined> {
    let token: string | undefined;
    do {
      const { segment, continuationToken } = await this.page(listing, token);
      // An emulator may not know `startFrom`, and gives all.
      yield segment.blobItems.filter((item) => item.name >= listing.from);
      token = continuationToken;
    } while (token !== undefined && token !== '');
  }

  private async page(
    { prefix, from, blobs, includeMetadata = false }: Listing,
    continuationToken: string | undefined,
  ): Promise<ContainerListBlobFlatSegmentResponse> {
    const settings = { maxPageSize: Math.min(blobs, pageBlobsMax) };
    const options = { prefix, includeMetadata, abortSignal: this.limit() };
    // A start before the prefix says nothing.
    const startFrom = from > prefix ? { startFrom: from } : {};
    const pages = this.client
      .listBlobsFlat({ ...options, ...startFrom })
      .byPage(continuationToken ? { ...settings, continuationToken } : settings);
    try {
      return (await pages.next()).value;
    } catch (cause) {
      throw storageError('list blobs', cause);
    }
  }

  private limit(): AbortSignal {
    return AbortSignal.timeout(this.callMs);
  }
}

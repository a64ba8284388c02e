import type { ContainerClient } from '@azure/storage-blob';

/** How far a partition is processed. `offset` is where reading goes on. */
export interface Checkpoint {
  readonly sequenceNumber: number;
  readonly offset: string;
}

/** A checkpoint as it was read. */
export interface WrittenCheckpoint extends Checkpoint {
  /** Epoch milliseconds. */
  readonly writtenAt: number;
}

/** Who processes a partition. `ownerId` is empty where the last owner gave it up. */
export interface Ownership {
  readonly ownerId: string;
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly claimedAt: number;
}

/**
 * Checkpoints and ownership of the partitions of a hub and consumer group, in the blobs of the Event Hubs extension:
 * `<namespace>/<hub>/<group>/{checkpoint|ownership}/<partition>`, lower case, empty, with the facts in the metadata.
 */
export class CheckpointBlobs {
  private readonly container: ContainerClient;
  private readonly prefix: string;

  constructor(container: ContainerClient, namespace: string, hub: string, group: string) {
    this.container = container;
    this.prefix = `${namespace}/${hub}/${group}`.toLowerCase();
  }

  /** Checkpoints by partition. */
  async checkpoints(): Promise<Map<string, WrittenCheckpoint>> {
    const checkpoints = new Map<string, WrittenCheckpoint>();
    const prefix = `${this.prefix}/checkpoint/`;
    for await (const { name, metadata, properties } of this.list(prefix)) {
      checkpoints.set(name.slice(prefix.length), {
        sequenceNumber: Number(metadata?.['sequencenumber']),
        offset: metadata?.['offset'] ?? '',
        writtenAt: properties.lastModified.getTime(),
      });
    }
    return checkpoints;
  }

  /** Unconditional, as the extension writes it: of two owners the last one wins. */
  async writeCheckpoint(partition: string, { sequenceNumber, offset }: Checkpoint): Promise<void> {
    const blob = this.container.getBlockBlobClient(`${this.prefix}/checkpoint/${partition}`);
    const metadata = { sequencenumber: String(sequenceNumber), offset };
    await blob.upload('', 0, { metadata });
  }

  /** Owners by partition. */
  async owners(): Promise<Map<string, Ownership>> {
    const owners = new Map<string, Ownership>();
    const prefix = `${this.prefix}/ownership/`;
    for await (const { name, metadata, properties } of this.list(prefix)) {
      owners.set(name.slice(prefix.length), {
        ownerId: metadata?.['ownerid'] ?? '',
        etag: properties.etag,
        claimedAt: properties.lastModified.getTime(),
      });
    }
    return owners;
  }

  /** Makes `ownerId` the owner if nothing has changed since `known` was read; null: there was none. */
  async claim(partition: string, ownerId: string, known: Ownership | null): Promise<boolean> {
    const blob = this.container.getBlockBlobClient(`${this.prefix}/ownership/${partition}`);
    const conditions = known === null ? { ifNoneMatch: '*' } : { ifMatch: quoted(known.etag) };
    try {
      await blob.upload('', 0, { metadata: { ownerid: ownerId }, conditions });
      return true;
    } catch (error) {
      // Another host was faster.
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 409 || statusCode === 412) return false;
      throw error;
    }
  }

  private list(prefix: string) {
    return this.container.listBlobsFlat({ prefix, includeMetadata: true });
  }
}

/** A list gives etags without their quotes, a condition needs them. */
const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

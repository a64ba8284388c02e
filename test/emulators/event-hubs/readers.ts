import { Refusal } from './conditions.ts';

/** A reader's link: its name, and its epoch if it has one. */
export interface Reader {
  readonly name: string;
  readonly epoch: bigint | null;
  /** Tells it that another one took its place. */
  close(refusal: Refusal): void;
}

const readersMax = 5;

/** Who reads one partition in one consumer group: up to five, or one with an epoch. */
export class Readers {
  private readonly open = new Set<Reader>();

  /**
   * Lets a reader in, and closes those that must yield to it. Gives what lets it out.
   *
   * @throws Refusal when it is the one to yield.
   */
  admit(reader: Reader): () => void {
    const owner = [...this.open].find(({ epoch }) => epoch !== null);
    if (reader.epoch === null) {
      if (owner?.epoch != null) throw epochRequired(owner.epoch);
      if (this.open.size >= readersMax) throw tooMany([...this.open]);
    } else {
      if (owner?.epoch != null && owner.epoch > reader.epoch) throw outranked(owner, reader.epoch);
      for (const each of [...this.open]) {
        this.open.delete(each);
        each.close(replaced(reader.epoch, each));
      }
    }
    this.open.add(reader);
    return () => this.open.delete(reader);
  }
}

function epochRequired(epoch: bigint): Refusal {
  const text =
    `At least one receiver for the endpoint is created with epoch of '${epoch}', and so non-epoch ` +
    'receiver is not allowed. Either reconnect with a higher epoch, or make sure all epoch ' +
    'receivers are closed or disconnected.';
  return new Refusal('amqp:link:stolen', text);
}

function outranked({ name, epoch }: Reader, lower: bigint): Refusal {
  const text =
    `Receiver '${name}' with a higher epoch '${epoch}' already exists. Receiver 'nil' with epoch ` +
    `${lower} cannot be created. Make sure you are creating receiver with increasing epoch value ` +
    'to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.';
  return new Refusal('amqp:link:stolen', text);
}

function replaced(higher: bigint, { name, epoch }: Reader): Refusal {
  const text =
    `New receiver 'nil' with higher epoch of '${higher}' is created hence current receiver ` +
    `'${name}' with epoch '${epoch ?? -1}' is getting disconnected. If you are recreating the ` +
    'receiver, make sure a higher epoch is used.';
  return new Refusal('amqp:link:stolen', text);
}

function tooMany(readers: readonly Reader[]): Refusal {
  const text =
    'Exceeded the maximum number of allowed receivers per partition in a consumer group which is ' +
    `${readersMax}. List of connected receivers - ${readers.map(({ name }) => name).join(', ')}.`;
  return new Refusal('amqp:resource-limit-exceeded', text);
}

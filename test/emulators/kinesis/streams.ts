import { type Input, nameRule, text } from './fields.ts';
import { invalidArgument, notFound, ServiceError } from './service-error.ts';
import { account, Stream, type StreamStart } from './stream.ts';

/** What a change does, at its time in epoch milliseconds. */
type Apply = (at: number) => void;

/** All streams of the emulator, on its clock. */
export class Streams {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long streams take to be created, deleted, split and merged. */
  readonly changeMs: number;
  private readonly byName = new Map<string, Stream>();

  constructor(now: () => number, changeMs: number) {
    this.now = now;
    this.changeMs = changeMs;
  }

  /** Makes a stream. */
  create(start: StreamStart): void {
    if (this.find(start.name) !== undefined) {
      const message = `Stream ${start.name} under account ${account} already exists.`;
      throw new ServiceError('ResourceInUseException', message);
    }
    const stream = new Stream(start);
    this.byName.set(start.name, stream);
    this.change(stream, 'CREATING', () => {});
  }

  /** Deletes a stream with all its records. */
  delete(stream: Stream): void {
    this.change(stream, 'DELETING', () => this.byName.delete(stream.start.name));
  }

  /** Changes a stream as soon as its time is over: at once if there is none. */
  change(stream: Stream, status: 'CREATING' | 'UPDATING' | 'DELETING', apply: Apply): void {
    const now = this.now();
    stream.changeAt(now + this.changeMs, status, () => apply(now + this.changeMs));
    stream.settle(now);
  }

  /** A stream by its name; undefined if there is none. */
  find(name: string): Stream | undefined {
    this.byName.get(name)?.settle(this.now());
    return this.byName.get(name);
  }

  /**
   * The stream that an input names by its name or ARN.
   *
   * @throws ServiceError ResourceNotFoundException.
   */
  named(input: Input): Stream {
    const name = streamName(input);
    const stream = this.find(name);
    if (stream === undefined) throw unknown(name);
    return stream;
  }

  /** The same for records, which a stream has none of while it is made or deleted. */
  ready(input: Input): Stream {
    const stream = this.named(input);
    if (/CREATING|DELETING/.test(stream.status)) throw unknown(stream.start.name);
    return stream;
  }
}

/** The ARN of a stream. */
export const arnOf = (name: string): string => `${arnStart}${name}`;

const arnStart = `arn:aws:kinesis:us-east-1:${account}:stream/`;

/** The name of the stream in an input. */
export function streamName(input: Input): string {
  const name = text(input, 'StreamName', nameRule);
  const arn = text(input, 'StreamARN');
  const named = arn?.startsWith(arnStart) ? arn.slice(arnStart.length) : arn;
  const found = name ?? named;
  if (found === undefined) throw invalidArgument('Must specify either a StreamName or a StreamARN');
  return found;
}

const unknown = (name: string): ServiceError =>
  notFound(`Stream ${name} under account ${account} not found.`);

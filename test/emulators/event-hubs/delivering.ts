import type { Socket } from 'node:net';
import type { Sender } from 'rhea';
import { annotationSection, longEntry, sections, textEntry, timestampEntry } from './amqp-bytes.ts';
import type { Partition, Place } from './hub.ts';
import type { PartitionLog, StoredEvent } from './partition-log.ts';
import { fromStart, positionOf } from './position-filter.ts';
import type { Readers } from './readers.ts';
import {
  bigintOf,
  cork,
  creditOf,
  desires,
  onFlow,
  replyWith,
  roomOf,
  sendBytes,
  socketOf,
} from './rhea-internals.ts';

const selector = 'apache.org:selector-filter:string';
const runtimeMetric = 'com.microsoft:enable-receiver-runtime-metric';
/** Deliveries in one turn, so that many readers share the process. */
const turnEventsMax = 512;

/** Opens a link on which a client receives the events of a partition; `ends` gets what ends it with the connection. */
export function openDelivering(
  link: Sender,
  { partition, readers }: Place & { readonly partition: Partition; readonly readers: Readers },
  now: () => number,
  ends: Set<() => void>,
): void {
  const filter = link.source.filter?.[selector];
  const position = filter === undefined ? fromStart : positionOf(String(filter.value ?? filter));
  const next = partition.log.seek(position);
  const { 'com.microsoft:receiver-name': name, 'com.microsoft:epoch': epoch } =
    link.properties ?? {};
  const leave = readers.admit({
    name: typeof name === 'string' ? name : 'nil',
    epoch: bigintOf(epoch),
    close: ({ amqp }) => link.close(amqp),
  });
  link.set_source({ address: link.source.address, filter: link.source.filter ?? {} });
  // Sent settled: no client has to answer each event then, and none of ours misses that.
  replyWith(link, { snd_settle_mode: 1 });
  const delivery = new Delivering(link, partition.log, next, {
    metric: desires(link, runtimeMetric) ? now : null,
  });
  const end = () => {
    leave();
    delivery.end();
    ends.delete(end);
  };
  ends.add(end);
  link.on('sender_close', end);
  link.session.once('session_close', end);
}

/** Sends the events of a partition on a link, as far as its credit goes. */
class Delivering {
  private readonly link: Sender;
  private readonly log: PartitionLog;
  /** The time for the figures of the partition that go with each event, if the client wants them. */
  private readonly metric: (() => number) | null;
  private readonly unsubscribe: () => void;
  private next: bigint;
  private sent = 0;
  private scheduled = false;
  private waiting = false;
  private ended = false;

  constructor(
    link: Sender,
    log: PartitionLog,
    next: bigint,
    { metric }: { readonly metric: (() => number) | null },
  ) {
    this.link = link;
    this.log = log;
    this.next = next;
    this.metric = metric;
    const wake = () => this.wake();
    this.unsubscribe = log.onAppend(wake);
    onFlow(link.session, wake);
    link.on('sender_draining', () => {
      this.turn();
      link.set_drained(true);
    });
  }

  end(): void {
    this.ended = true;
    this.unsubscribe();
  }

  private wake(): void {
    if (this.scheduled || this.ended) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.turn();
    });
  }

  private turn(): void {
    if (this.ended || !this.link.is_open()) return;
    const socket = socketOf(this.link.connection);
    if (socket.writableNeedDrain) {
      this.waitFor(socket);
      return;
    }
    const most = Math.min(creditOf(this.link, this.sent), roomOf(this.link.session), turnEventsMax);
    let count = 0;
    for (; count < most; count += 1) {
      const event = this.log.at(this.next);
      if (event === undefined) break;
      if (count === 0) cork(this.link.connection);
      sendBytes(this.link, this.metric === null ? event.bytes : this.withMetric(event));
      this.next = event.sequence + 1n;
    }
    this.sent += count;
    if (count === turnEventsMax) this.wake();
  }

  private waitFor(socket: Socket): void {
    if (this.waiting) return;
    this.waiting = true;
    socket.once('drain', () => {
      this.waiting = false;
      this.wake();
    });
  }

  private withMetric({ bytes, headerBytes }: StoredEvent): Buffer {
    const { sequence, lastOffset, enqueued } = this.log.next;
    const metric = annotationSection(sections.deliveryAnnotations, [
      longEntry('last_enqueued_sequence_number', sequence - 1n),
      textEntry('last_enqueued_offset', lastOffset),
      timestampEntry('last_enqueued_time_utc', enqueued),
      timestampEntry('runtime_info_retrieval_time_utc', this.metric?.() ?? 0),
    ]);
    return Buffer.concat([bytes.subarray(0, headerBytes), metric, bytes.subarray(headerBytes)]);
  }
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../core/ports/clock.ts';
import { type Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { checkMessage, checkReceive } from '../arguments.ts';
import { sqlite } from './errors.ts';

const receiveSql = `UPDATE messages SET visible_at = ?, deliveries = deliveries + 1
  WHERE id IN (SELECT id FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?)
  RETURNING id, deliveries, body`;
const sendSql = 'INSERT INTO messages (queue, visible_at, deliveries, body) VALUES (?, ?, 0, ?)';
const removeSql = 'DELETE FROM messages WHERE id = ? AND deliveries = ?';

/** What a {@link LocalMessageQueue} may be told. */
export interface LocalMessageQueueOptions {
  /** Default 48,000. */
  readonly messageBytesMax?: number;
  /** Its name among those of the database; default `notices`. */
  readonly queue?: string;
}

/** A {@link MessageQueue} in a database of `openLocalDatabase`, on the time of `clock`. */
export class LocalMessageQueue extends MessageQueue {
  override readonly messageBytesMax: number;
  private readonly clock: Clock;
  private readonly queue: string;
  private readonly sendOne: StatementSync;
  private readonly receiveSome: StatementSync;
  private readonly removeOne: StatementSync;

  constructor(database: DatabaseSync, clock: Clock, options: LocalMessageQueueOptions = {}) {
    super();
    this.queue = options.queue ?? 'notices';
    this.messageBytesMax = options.messageBytesMax ?? 48_000;
    this.clock = clock;
    const prepare = (sql: string) => sqlite('prepare the queue', () => database.prepare(sql));
    this.sendOne = prepare(sendSql);
    this.receiveSome = prepare(receiveSql);
    this.removeOne = prepare(removeSql);
  }

  override async send(body: string): Promise<void> {
    checkMessage(body, this.messageBytesMax);
    // From time 0 on, so that a clock which is set back hides no message.
    sqlite('send a message', () => this.sendOne.run(this.queue, 0, body));
  }

  override async receive(max: number, visibilitySeconds: number): Promise<Message[]> {
    checkReceive(max, visibilitySeconds);
    const now = this.clock.now();
    const until = now + visibilitySeconds * 1000;
    const rows = sqlite('receive messages', () =>
      this.receiveSome.all(until, this.queue, now, max),
    );
    return rows.map((row) => ({
      body: row['body'] as string,
      deliveries: row['deliveries'] as number,
      receipt: `${row['id']}:${row['deliveries']}`,
    }));
  }

  override async remove(receipt: string): Promise<void> {
    const match = /^(\d{1,15}):(\d{1,15})$/.exec(receipt);
    if (match === null) return;
    sqlite('remove a message', () => {
      this.removeOne.run(Number(match[1]), Number(match[2]));
    });
  }
}

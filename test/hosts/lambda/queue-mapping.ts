import { randomUUID } from 'node:crypto';
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { batchResponse } from './batch-response.ts';
import type { InvocationResult } from './lambda-function.ts';
import type { MappingParts, MappingState } from './mapping-parts.ts';
import { MappingError, type MappingSettings } from './mapping-settings.ts';

/** What a mapping of a queue is made of. */
export interface QueueMappingParts extends MappingParts {
  readonly sqs: SQSClient;
}

const receivedMessagesMax = 10;

/**
 * The event source mapping of a queue, one batch at a time. What a function fails, or reports as failed, stays in the
 * queue: it comes again when it is visible, until the queue itself moves it to its dead-letter queue.
 */
export class QueueMapping {
  readonly id: string = randomUUID();
  private readonly parts: QueueMappingParts;
  private url = '';
  private polling: Promise<void> = Promise.resolve();
  private stopping = new AbortController();
  private stateNow: MappingState = 'Creating';

  constructor(parts: QueueMappingParts) {
    this.parts = parts;
  }

  get state(): MappingState {
    return this.stateNow;
  }

  async start(): Promise<void> {
    const [, , , , account, name] = this.parts.settings.sourceArn.split(':');
    const request = { QueueName: name!, QueueOwnerAWSAccountId: account! };
    const { QueueUrl } = await this.parts.sqs
      .send(new GetQueueUrlCommand(request))
      .catch((error) => {
        if (!/NonExistentQueue|QueueDoesNotExist/.test(String(error.name))) throw error;
        const text =
          'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.';
        throw new MappingError('InvalidParameterValueException', text);
      });
    this.url = QueueUrl!;
    this.stopping = new AbortController();
    this.polling = this.poll();
    this.stateNow = 'Enabled';
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.polling;
    this.stateNow = 'Disabled';
  }

  private async poll(): Promise<void> {
    const { pollMs, wait, onEvent, target } = this.parts;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const messages = await this.batch();
        if (messages.length > 0) await this.deliver(messages);
        else await wait(pollMs, signal);
      } catch (error) {
        onEvent({ kind: 'trouble', where: `${target.name}, queue`, message: String(error) });
        await wait(pollMs, signal);
      }
    }
  }

  /** Messages up to the size of a batch; with a window it waits for more, from the first one on. */
  private async batch(): Promise<Message[]> {
    const { settings, wait, now, pollMs } = this.parts;
    const { signal } = this.stopping;
    const messages = await this.receive(settings.batchRecords);
    const overMs = now() + settings.windowMs;
    if (messages.length === 0) return messages;
    while (messages.length < settings.batchRecords && now() < overMs && !signal.aborted) {
      const more = await this.receive(settings.batchRecords - messages.length);
      messages.push(...more);
      if (more.length === 0) await wait(Math.max(0, Math.min(pollMs, overMs - now())), signal);
    }
    return messages;
  }

  private async receive(messagesMax: number): Promise<Message[]> {
    const { Messages = [] } = await this.parts.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: Math.min(receivedMessagesMax, messagesMax),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  private async deliver(messages: readonly Message[]): Promise<void> {
    const { settings, target } = this.parts;
    const event = { Records: messages.map((message) => recordOf(message, settings)) };
    // What the service can't run stays in the queue too.
    const result: InvocationResult | null = await target.invoke(event).catch(() => null);
    if (result === null) return;
    const ids = messages.map(({ MessageId }) => MessageId!);
    const { failed } = batchResponse(result, settings.reportsItemFailures, ids);
    if (failed === null) return;
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId!));
    for (let from = 0; from < done.length; from += receivedMessagesMax) {
      const Entries = done
        .slice(from, from + receivedMessagesMax)
        .map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId!, ReceiptHandle: ReceiptHandle! }));
      await this.parts.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries }));
    }
  }
}

/** A message as a function gets it. */
function recordOf(message: Message, { sourceArn, windowMs }: MappingSettings): object {
  const {
    MD5OfMessageAttributes: md5OfMessageAttributes,
    MessageId,
    ReceiptHandle,
    Body,
    Attributes = {},
    MessageAttributes = {},
  } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, value]) => [name, attributeOf(value)]),
    ),
    // Where there are none, the service says so only if it waits for a window.
    ...(md5OfMessageAttributes === undefined
      ? windowMs > 0 && { md5OfMessageAttributes: null }
      : { md5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: sourceArn,
    awsRegion: sourceArn.split(':')[3],
  };
}

function attributeOf({ DataType, StringValue, BinaryValue }: MessageAttributeValue): object {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    ...{ stringListValues: [], binaryListValues: [], dataType: DataType },
  };
}

import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { checkMessage, checkReceive } from '../arguments.ts';
import { awsError, isNamed } from './errors.ts';
import { sqsTextOf, textOfSqs } from './sqs-text.ts';

/** What the service says of a receipt that is void, or was none. */
const voidReceipt = ['ReceiptHandleIsInvalid', 'InvalidParameterValue'];

/** What an {@link SqsMessageQueue} may be told. */
export interface SqsMessageQueueOptions {
  /**
   * How long the service may wait for messages, seconds, 0 to 20, default 0: it then asks some of
   * its servers, and may give none though there are few; from 1 on it asks all.
   */
  readonly waitSeconds?: number;
}

/**
 * A {@link MessageQueue} in a standard queue of SQS. Its client is made with `awsClientOptions`,
 * whose `requestMs` is longer than `waitSeconds`.
 *
 * A message of the service has at most 262,144 bytes (1,048,576 where the queue says so), and not
 * every character: `sqs-text.ts` makes up to five bytes of one. The queue's own settings say how
 * long messages are kept, at most 14 days.
 */
export class SqsMessageQueue extends MessageQueue {
  override readonly messageBytesMax = 48_000;
  private readonly client: SQSClient;
  private readonly queueUrl: string;
  private readonly waitSeconds: number;

  constructor(client: SQSClient, queueUrl: string, options: SqsMessageQueueOptions = {}) {
    super();
    this.client = client;
    this.queueUrl = queueUrl;
    this.waitSeconds = options.waitSeconds ?? 0;
  }

  override async send(body: string): Promise<void> {
    checkMessage(body, this.messageBytesMax);
    const message = { QueueUrl: this.queueUrl, MessageBody: sqsTextOf(body) };
    try {
      await this.client.send(new SendMessageCommand(message));
    } catch (cause) {
      throw awsError('send a message', cause);
    }
  }

  override async receive(max: number, visibilitySeconds: number): Promise<Message[]> {
    checkReceive(max, visibilitySeconds);
    const command = new ReceiveMessageCommand({
      QueueUrl: this.queueUrl,
      MaxNumberOfMessages: max,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: this.waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const { Messages = [] } = await this.client.send(command).catch((cause) => {
      throw awsError('receive messages', cause);
    });
    return Messages.map(({ Body, Attributes, ReceiptHandle }) => ({
      body: textOfSqs(Body!),
      deliveries: Number(Attributes?.ApproximateReceiveCount),
      receipt: ReceiptHandle!,
    }));
  }

  override async remove(receipt: string): Promise<void> {
    // The service takes no empty one.
    if (receipt === '') return;
    const message = { QueueUrl: this.queueUrl, ReceiptHandle: receipt };
    try {
      await this.client.send(new DeleteMessageCommand(message));
    } catch (cause) {
      if (isNamed(cause, ...voidReceipt)) return;
      throw awsError('remove a message', cause);
    }
  }
}

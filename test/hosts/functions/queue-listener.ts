import {
  type DequeuedMessageItem,
  type QueueClient,
  QueueServiceClient,
} from '@azure/storage-queue';
import type { Wait } from '../wait.ts';
import type { AppSettings } from './app-settings.ts';
import type { FunctionRunner, Payload } from './function-runner.ts';
import type { OnHostEvent } from './host-events.ts';
import type { QueuesSettings } from './host-json.ts';
import type { Binding, TypedData } from './rpc.ts';

/** What a listener is made of. */
export interface QueueListenerOptions {
  readonly functionName: string;
  readonly binding: Binding;
  readonly appSettings: AppSettings;
  readonly settings: QueuesSettings;
  readonly runner: FunctionRunner;
  readonly wait: Wait;
  readonly onEvent: OnHostEvent;
}

/** How long a message is hidden while its function runs, seconds. */
const visibilitySeconds = 600;
const pollMsMin = 100;

/**
 * The queue trigger of one function: polls, less often the longer there is nothing, runs the function on each message
 * and removes it; one that fails `maxDequeueCount` times goes into `<queue>-poison`.
 */
export class QueueListener {
  private readonly options: QueueListenerOptions;
  private readonly queue: QueueClient;
  private readonly poison: QueueClient;
  private readonly stopping = new AbortController();
  private polling: Promise<void> = Promise.resolve();
  private isKilled = false;

  constructor(options: QueueListenerOptions) {
    const { appSettings, binding } = options;
    this.options = options;
    const connection = appSettings.connection(binding['connection']);
    const service = QueueServiceClient.fromConnectionString(connection);
    const name = appSettings.resolve(binding['queueName']);
    this.queue = service.getQueueClient(name);
    this.poison = service.getQueueClient(`${name}-poison`);
  }

  /** Polls from now on. A queue that doesn't exist is an empty one. */
  start(): void {
    this.polling = this.loop();
  }

  /** Finishes the messages under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.polling;
  }

  /** Leaves the messages under way as they are: they come again when they are visible. */
  async kill(): Promise<void> {
    this.isKilled = true;
    await this.stop();
  }

  private async loop(): Promise<void> {
    const { settings, wait, functionName, onEvent } = this.options;
    for (let pauseMs = pollMsMin; !this.stopping.signal.aborted; ) {
      const found = await this.poll().catch((error: Error) => {
        onEvent({ kind: 'trouble', where: `${functionName}, queue`, message: error.message });
        return 0;
      });
      pauseMs = found > 0 ? pollMsMin : Math.min(2 * pauseMs, settings.pollingMsMax);
      if (found === 0) await wait(pauseMs, this.stopping.signal);
    }
  }

  private async poll(): Promise<number> {
    const { settings } = this.options;
    if (!(await this.queue.exists())) return 0;
    const { receivedMessageItems: messages } = await this.queue.receiveMessages({
      numberOfMessages: settings.batchMessages,
      visibilityTimeout: visibilitySeconds,
    });
    await Promise.all(messages.map((message) => this.process(message)));
    return messages.length;
  }

  private async process(message: DequeuedMessageItem): Promise<void> {
    const { settings, runner, functionName } = this.options;
    // It was taken too often already, and each time its host ended.
    if (message.dequeueCount > settings.dequeuesMax) return this.giveUp(message);
    const { error } = await runner.call(functionName, () => this.payload(message));
    if (this.isKilled) return;
    if (error === null) {
      await this.queue.deleteMessage(message.messageId, message.popReceipt);
    } else if (message.dequeueCount >= settings.dequeuesMax) {
      await this.giveUp(message);
    } else {
      const { messageId, popReceipt, messageText } = message;
      const seconds = Math.ceil(settings.hiddenMs / 1000);
      await this.queue.updateMessage(messageId, popReceipt, messageText, seconds);
    }
  }

  private async giveUp(message: DequeuedMessageItem): Promise<void> {
    await this.poison.createIfNotExists();
    await this.poison.sendMessage(message.messageText);
    await this.queue.deleteMessage(message.messageId, message.popReceipt);
    const body = this.bodyOf(message);
    this.options.onEvent({ kind: 'poison', queueName: this.poison.name, body });
  }

  private payload(message: DequeuedMessageItem): Payload {
    const body = this.bodyOf(message);
    const metadata = new Map<string, TypedData>([
      ['QueueTrigger', { string: body }],
      ['DequeueCount', { json: JSON.stringify(message.dequeueCount) }],
      ['ExpirationTime', { json: JSON.stringify(message.expiresOn) }],
      ['Id', { string: message.messageId }],
      ['InsertionTime', { json: JSON.stringify(message.insertedOn) }],
      ['NextVisibleTime', { json: JSON.stringify(message.nextVisibleOn) }],
      ['PopReceipt', { string: message.popReceipt }],
    ]);
    // The names of metadata know no case, so a member of the body hides the host's own value of that name.
    for (const [member, value] of Object.entries(membersOf(body))) {
      const known = [...metadata.keys()].find((name) => equalNames(name, member));
      metadata.set(known ?? member, { json: JSON.stringify(value) });
    }
    return { input: { string: body }, triggerMetadata: Object.fromEntries(metadata) };
  }

  private bodyOf({ messageText }: DequeuedMessageItem): string {
    if (this.options.settings.messageEncoding === 'none') return messageText;
    return Buffer.from(messageText, 'base64').toString('utf8');
  }
}

/** The top-level members of a body that is a JSON object; none of any other. */
function membersOf(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const equalNames = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

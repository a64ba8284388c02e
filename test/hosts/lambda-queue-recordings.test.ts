import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordedMapping } from './lambda-fixture/recorded-stream.ts';
import { Comparison, type Recording, recordings } from './lambda-fixture/recordings.ts';
import type { LambdaCall, LambdaReply } from './lambda-fixture/report.ts';
import {
  createQueue,
  type LambdaScene,
  type LambdaStage,
  startLambdaScene,
  startLambdaStage,
} from './lambda-fixture/stage.ts';

const all = recordings('esm_sqs.snapshot.json');

/** What is not played again: by what the name of a scenario begins with, and why. */
const notPlayed: Readonly<Record<string, string>> = {
  sqs_event_filter: 'filters are not used',
  sqs_invalid_event_filter: 'filters are not used',
  sqs_queue_as_lambda_dead_letter_queue: 'functions are not invoked without waiting for them',
  report_batch_item_failures$: 'queues that keep an order are not used',
  fifo_message_group_parallelism: 'queues that keep an order are not used',
  sqs_event_source_mapping_update: 'mappings are not changed while they run',
  sqs_event_source_mapping_batching_reserved_concurrency: 'ScalingConfig is not used',
  sqs_event_source_mapping_batching_behaviour: 'nothing was recorded',
};

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

/** A recorded scenario played again: a queue whose messages come again after 30 s, and its dead-letter queue. */
interface Play extends LambdaScene {
  readonly recording: Recording;
  readonly queue: { readonly url: string; readonly arn: string };
  readonly send: (bodies: readonly string[]) => Promise<void>;
  readonly map: (properties?: object) => Promise<unknown>;
  /** Lets time pass for the queues, until messages are visible again. */
  readonly later: () => Promise<void>;
  /** What is in the dead-letter queue, as soon as there are so many messages. */
  readonly dead: (messages: number) => Promise<{ Messages: unknown[]; ResponseMetadata: object }>;
}

async function play(name: string, maxReceiveCount: number): Promise<Play> {
  const started = await startLambdaScene(stage);
  const deadQueue = await createQueue(stage);
  const policy = { deadLetterTargetArn: deadQueue.arn, maxReceiveCount };
  const queue = await createQueue(stage, { RedrivePolicy: JSON.stringify(policy) });
  const given = { FunctionName: 'app', EventSourceArn: queue.arn };
  return {
    ...{ ...started, queue, recording: all.get(name)! },
    send: async (bodies) => {
      const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      await stage.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
    },
    map: (properties = {}) => started.host.mapQueue({ ...given, ...properties }),
    later: () => stage.fauxqs.advance(31_000),
    dead: async (messages) => {
      const found: object[] = [];
      await expect
        .poll(async () => {
          const command = new ReceiveMessageCommand({
            QueueUrl: deadQueue.url,
            MaxNumberOfMessages: 10,
          });
          const { Messages = [] } = await stage.sqs.send(command);
          found.push(
            ...Messages.map((message) => ({ ...message, Body: parsedIfObject(message.Body!) })),
          );
          return found.length;
        })
        .toBe(messages);
      return { Messages: found, ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: 200 } };
    },
  };
}

/** The recordings show a text that is a JSON object parsed. */
function parsedIfObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const recordsOf = ({ event }: LambdaCall) => (event as { Records: { body: string }[] }).Records;
const parsedBodies = (call: LambdaCall) => ({
  Records: recordsOf(call).map((record) => ({ ...record, body: parsedIfObject(record.body) })),
});
const attemptsOf = (recorded: unknown) =>
  (recorded as { Messages: { Body: { event: object } }[] }).Messages[0]!.Body.event;
/** Fails the first few calls. */
const failing = (calls: number, played: Play) => () =>
  ({ ...(played.control.calls.length <= calls && { does: 'throw' }) }) as LambdaReply;

/** Gives pairs of what was recorded and what was observed, by part. */
type Pairs = Readonly<Record<string, readonly [recorded: unknown, observed: unknown]>>;

const scenarios: Readonly<Record<string, (name: string) => Promise<Pairs>>> = {
  failing_lambda_retries_after_visibility_timeout: async (name) => {
    const played = await play(name, 10);
    const { recording, control } = played;
    control.onCall = failing(1, played);
    await played.send([sentBody(recording['first_attempt'])]);
    await played.map({ BatchSize: 1 });
    await played.events.until('invocation');
    await played.later();
    await played.events.until('invocation', ({ error }) => error === null);
    return {
      first: [attemptsOf(recording['first_attempt']), control.calls[0]!.event],
      second: [attemptsOf(recording['second_attempt']), control.calls[1]!.event],
    };
  },

  redrive_policy_with_failing_lambda: async (name) => {
    const played = await play(name, 2);
    const { recording, control } = played;
    control.onCall = () => ({ does: 'throw' });
    await played.send([sentBody(recording['first_attempt'])]);
    await played.map({ BatchSize: 1 });
    await played.events.until('invocation');
    await played.later();
    await played.events.until('invocation', () => true, 2);
    await played.later();
    return {
      first: [attemptsOf(recording['first_attempt']), control.calls[0]!.event],
      second: [attemptsOf(recording['second_attempt']), control.calls[1]!.event],
      dead: [recording['dlq_response'], await played.dead(1)],
    };
  },

  report_batch_item_failures_on_lambda_error: async (name) => {
    const played = await play(name, 1);
    const { recording, control } = played;
    control.onCall = () => ({ does: 'throw' });
    await played.send(['{not a json body', '{"message": 2, "fail_attempts": 0}']);
    await played.map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await played.events.until('invocation');
    await played.later();
    return { dead: [recording['dlq_messages'], (await played.dead(2)).Messages] };
  },

  report_batch_item_failures_invalid_result_json_batch_fails: async (name) => {
    const played = await play(name, 2);
    const { recording, control } = played;
    control.onCall = () => ({ answer: { batchItemFailures: [{ foo: 'notvalid' }] } });
    await played.send([sentBody(recording['first_invocation'])]);
    await played.map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await played.events.until('invocation');
    await played.later();
    await played.events.until('invocation', () => true, 2);
    await played.later();
    return {
      first: [attemptsOf(recording['first_invocation']), control.calls[0]!.event],
      second: [attemptsOf(recording['second_invocation']), control.calls[1]!.event],
      dead: [recording['dlq_response'], await played.dead(1)],
    };
  },

  report_batch_item_failures_empty_json_batch_succeeds: async (name) => {
    const played = await play(name, 1);
    const { recording, control } = played;
    control.onCall = () => ({ answer: {} });
    await played.send([sentBody(recording['first_invocation'])]);
    await played.map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await played.events.until('invocation');
    await played.host.stop();
    await played.later();
    const left = await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl: played.queue.url }));
    expect(left.Messages).toBeUndefined();
    return { first: [attemptsOf(recording['first_invocation']), control.calls[0]!.event] };
  },

  sqs_event_source_mapping: async (name) => {
    const played = await play(name, 1);
    await played.send(['{"foo": "bar"}']);
    const created = played.recording['create-event-source-mapping-response'];
    await played.host.mapQueue(recordedMapping(created, played.queue.arn, null));
    await played.events.until('invocation');
    return { events: [played.recording['events'], played.control.calls.map(parsedBodies)] };
  },

  message_body_and_attributes_passed_correctly: async (name) => {
    const played = await play(name, 1);
    const { recording, control } = played;
    const recorded = attemptsOf(recording['first_attempt']) as { Records: RecordedMessage[] };
    const [{ body, messageAttributes }] = recorded.Records as [RecordedMessage];
    await stage.sqs.send(
      new SendMessageCommand({
        ...{ QueueUrl: played.queue.url, MessageBody: body },
        MessageAttributes: Object.fromEntries(
          Object.entries(messageAttributes).map(([key, { stringValue, dataType }]) => [
            key,
            { StringValue: stringValue, DataType: dataType },
          ]),
        ),
      }),
    );
    await played.map({ BatchSize: 1 });
    await played.events.until('invocation');
    return { first: [recorded, control.calls[0]!.event] };
  },

  sqs_event_source_mapping_batch_size: async (name) => {
    const played = await play(name, 1);
    const { recording, control } = played;
    const recorded = recording['Records'] as RecordedMessage[];
    const bodies = recorded.map(({ body }) => body);
    await played.send(bodies.slice(0, 10));
    await played.send(bodies.slice(10));
    const BatchSize = (recording['create-event-source-mapping-response'] as { BatchSize: number })
      .BatchSize;
    await played.map({ BatchSize, MaximumBatchingWindowInSeconds: 10 });
    await played.events.until('invocation', () => control.calls.flatMap(recordsOf).length >= 15);
    const records = control.calls.flatMap(recordsOf);
    return { Records: [recorded, records.sort((a, b) => (a.body < b.body ? -1 : 1))] };
  },

  event_source_mapping_default_batch_size: async (name) => {
    const played = await play(name, 1);
    const { recording } = played;
    const refused = await errorOf(played.map({ BatchSize: 11 }));
    const { BatchSize } = recording['create-event-source-mapping'] as { BatchSize: number };
    await played.send(Array.from({ length: 10 }, String));
    await played.map();
    await played.events.until('invocation');
    expect(recordsOf(played.control.calls[0]!)).toHaveLength(BatchSize);
    return { refused: [onlyError(recording['invalid-create-event-source-mapping']), refused] };
  },

  duplicate_event_source_mappings: async (name) => {
    const played = await play(name, 1);
    await played.map();
    return { error: [onlyError(played.recording['error']), await errorOf(played.map())] };
  },

  esm_with_not_existing_sqs_queue: async (name) => {
    const { host, queue, recording } = await play(name, 1);
    const missing = { FunctionName: 'app', EventSourceArn: `${queue.arn}-missing` };
    return { error: [onlyError(recording['error']), await errorOf(host.mapQueue(missing))] };
  },
};

interface RecordedMessage {
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, { stringValue: string; dataType: string }>>;
}

const sentBody = (recorded: unknown): string =>
  (attemptsOf(recorded) as { Records: RecordedMessage[] }).Records[0]!.body;
const onlyError = (recorded: unknown) => ({ Error: (recorded as { Error: object }).Error });

async function errorOf(refused: Promise<unknown>): Promise<object> {
  const error: { code: string; message: string } = await refused.then(
    () => expect.fail('It was not refused.'),
    (reason) => reason,
  );
  return { Error: { Code: error.code, Message: error.message } };
}

const scenarioOf = (name: string) => scenarios[name.replace(/\[.*/, '')];
const whyNot = (name: string) =>
  Object.entries(notPlayed).find(([begin]) => new RegExp(`^${begin}`).test(name))?.[1];

describe('mappings of queues, as they were recorded', () => {
  it('are all played again, except the ones that are not used', () => {
    const names = [...all.keys()];
    expect(names).toHaveLength(48);
    expect(
      names.filter((name) => (scenarioOf(name) === undefined) === (whyNot(name) === undefined)),
    ).toEqual([]);
  });

  it.each([...all.keys()].filter((name) => whyNot(name) === undefined))('%s', async (name) => {
    const comparison = new Comparison();
    const pairs = await scenarioOf(name)!(name);
    for (const [part, [recorded, observed]] of Object.entries(pairs)) {
      comparison.compare(part, recorded, observed);
    }
    expect(comparison.differences).toEqual([]);
  });
});

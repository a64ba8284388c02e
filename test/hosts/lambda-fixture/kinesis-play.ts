import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { KinesisMapping } from '../lambda/kinesis-mapping.ts';
import { recordedMapping, recordedRecords } from './recorded-stream.ts';
import { type Recording, recordings } from './recordings.ts';
import type { LambdaCall, LambdaReply } from './report.ts';
import {
  createQueue,
  createStream,
  type LambdaScene,
  type LambdaStage,
  put,
  type SceneOptions,
  startLambdaScene,
} from './stage.ts';

/** All that was recorded of mappings of streams. */
export const recorded: ReadonlyMap<string, Recording> = recordings('esm_kinesis.snapshot.json');

/** What the function of a scenario does. */
const replies: Readonly<Record<string, LambdaReply>> = {
  empty_list_success: { answer: [] },
  null_success: { answer: null },
  empty_dict_success: { answer: {} },
  empty_batch_item_failure_success: { answer: { batchItemFailures: [] } },
  null_batch_item_failure_success: { answer: { batchItemFailures: null } },
  empty_string_success: { answer: '' },
  item_identifier_not_present_failure: { answer: { batchItemFailures: [{ itemIdentifier: 123 }] } },
  empty_string_item_identifier_failure: { answer: { batchItemFailures: [{ itemIdentifier: '' }] } },
  null_item_identifier_failure: { answer: { batchItemFailures: [{ itemIdentifier: null }] } },
  invalid_key_foo_failure: { answer: { batchItemFailures: [{ foo: 123 }] } },
  invalid_key_foo_null_value_failure: { answer: { batchItemFailures: [{ foo: null }] } },
  unhandled_exception_in_function: { does: 'throw' },
};

/** A recorded scenario played again: a stream, a mapping with its settings, a queue as its destination. */
export interface Play extends LambdaScene {
  readonly recording: Recording;
  readonly records: [key: string, data: string][];
  readonly stream: { readonly name: string; readonly arn: string };
  readonly put: (records: [key: string, data: string][]) => Promise<void>;
  readonly map: (functionName?: string, created?: string) => Promise<KinesisMapping>;
  /** What the destination got, as it was recorded. */
  readonly destination: () => Promise<unknown>;
}

/** Sets the scene of a recording. */
export async function play(
  stage: LambdaStage,
  name: string,
  scene: SceneOptions = {},
): Promise<Play> {
  const recording = recorded.get(name)!;
  const started = await startLambdaScene(stage, scene);
  const stream = await createStream(stage);
  const queue = await createQueue(stage);
  started.control.onCall = () => replies[/\[(.*)\]$/.exec(name)?.[1] ?? ''] ?? {};
  return {
    ...{ ...started, recording, stream, records: recordedRecords(recording) },
    put: (records) => put(stage, stream.name, records),
    map: (functionName = 'app', part = 'create_event_source_mapping_response') => {
      const created = recording[part] as { DestinationConfig: { OnFailure: object } };
      const hasDestination = 'Destination' in created.DestinationConfig.OnFailure;
      const arn = hasDestination ? queue.arn : null;
      return started.host.mapStream(recordedMapping(created, stream.arn, arn, functionName));
    },
    destination: async () => {
      await started.events.until('discarded');
      const command = new ReceiveMessageCommand({ QueueUrl: queue.url });
      const { Messages = [], $metadata } = await stage.sqs.send(command);
      return {
        Messages: Messages.map((message) => ({ ...message, Body: JSON.parse(message.Body!) })),
        ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: $metadata.httpStatusCode },
      };
    },
  };
}

/** The records that a call was given. */
export const recordsOf = ({ event }: LambdaCall) => (event as { Records: unknown[] }).Records;
/** All that was delivered, call by call. */
export const eventsOf = ({ control }: Play) => control.calls.map(({ event }) => event);
/** All records that were delivered, again and again if they were. */
export const delivered = ({ control }: Play) => ({ Records: control.calls.flatMap(recordsOf) });
/** All that was delivered, with a time of which only the form matters. */
export const timed = (play: Play) => eventsOf(play).map((event) => ({ executionStart: 0, event }));
/** Resolves when this many records are done with. */
export const processed = async ({ events, control }: Play, records: number) => {
  await events.until('checkpoint', () => control.calls.flatMap(recordsOf).length >= records);
};

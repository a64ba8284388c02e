import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  delivered,
  eventsOf,
  play,
  processed,
  recorded,
  recordsOf,
  timed,
} from './lambda-fixture/kinesis-play.ts';
import { recordedMapping } from './lambda-fixture/recorded-stream.ts';
import { Comparison, type Recording } from './lambda-fixture/recordings.ts';
import type { LambdaCall } from './lambda-fixture/report.ts';
import { type LambdaStage, startLambdaStage } from './lambda-fixture/stage.ts';

/** What is not reproduced, and why. */
const notReproduced: Readonly<Record<string, string>> = {
  kinesis_event_filtering_json_pattern: 'FilterCriteria',
  kinesis_event_source_mapping_with_sns_on_failure_destination_config:
    'A destination like arn:aws:sns',
};

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

/** What happens in each scenario: gives what was observed, in the parts of the recording. */
const scenarios: Readonly<Record<string, (name: string) => Promise<Recording>>> = {
  create_kinesis_event_source_mapping: async (name) => {
    const played = await play(stage, name);
    await played.map();
    await played.put(played.records);
    await processed(played, played.records.length);
    return { kinesis_records: delivered(played) };
  },

  kinesis_event_source_mapping_with_async_invocation: async (name) => {
    const played = await play(stage, name);
    const both = Promise.withResolvers<void>();
    played.control.onCall = () => both.promise.then(() => ({}));
    await played.map();
    await played.put(played.records.slice(0, 10));
    await played.control.until();
    await played.put(played.records.slice(10));
    expect(played.control.calls).toHaveLength(1);
    both.resolve();
    await processed(played, 20);
    return { invocation_events: timed(played) };
  },

  kinesis_event_source_trim_horizon: async (name) => {
    const played = await play(stage, name);
    await played.put(played.records.slice(0, 10));
    await played.put(played.records.slice(10, 20));
    await played.map();
    await played.put(played.records.slice(20));
    await processed(played, 30);
    return { invocation_events: timed(played) };
  },

  disable_kinesis_event_source_mapping: async (name) => {
    const played = await play(stage, name);
    const mapping = await played.map();
    await played.put(played.records);
    await processed(played, 10);
    await mapping.stop();
    await played.put(played.records);
    return { invocation_events: eventsOf(played) };
  },

  kinesis_event_source_mapping_with_on_failure_destination_config: async (name) => {
    const played = await play(stage, name);
    played.control.onCall = () => ({ does: 'throw' });
    await played.put([['custom', 'hello']]);
    await played.map();
    return { sqs_payload: await played.destination() };
  },

  duplicate_event_source_mappings: async (name) => {
    const played = await play(stage, name);
    await played.map('app', 'create');
    return { error: await errorOf(played.map('app', 'create')) };
  },

  create_kinesis_event_source_mapping_multiple_lambdas_single_kinesis_event_stream: async (
    name,
  ) => {
    const played = await play(stage, name, { functions: { a: {}, b: {} } });
    for (const each of ['a', 'b'])
      await played.map(each, `create_event_source_mapping_response-${each}`);
    await played.put(played.records);
    await played.events.until('checkpoint', () => true, 2);
    const of = (functionName: string) => {
      const calls = played.control.calls.filter(
        ({ context }) => context['functionName'] === functionName,
      );
      return { Records: calls.flatMap(recordsOf) };
    };
    return { 'kinesis_records-a': of('a'), 'kinesis_records-b': of('b') };
  },

  kinesis_report_batch_item_failures: async (name) => {
    const played = await play(stage, name);
    played.control.onCall = (call) => ({ answer: { batchItemFailures: failedOf(call) } });
    await played.put(played.records);
    await played.map();
    const sqs_payload = await played.destination();
    return { kinesis_records: delivered(played), sqs_payload };
  },

  kinesis_report_batch_item_success_scenarios: async (name) => {
    const played = await play(stage, name);
    await played.put(played.records);
    await played.map();
    await processed(played, 1);
    return { kinesis_events: eventsOf(played) };
  },

  kinesis_report_batch_item_failure_scenarios: async (name) => {
    const played = await play(stage, name);
    await played.put(played.records);
    await played.map();
    const sqs_payload = await played.destination();
    return { sqs_payload, kinesis_events: eventsOf(played) };
  },

  kinesis_empty_provided: async (name) => {
    const played = await play(stage, name);
    await played.put([['test', 'hello']]);
    const mapping = await played.map();
    await processed(played, 1);
    const { state: State, lastProcessingResult: LastProcessingResult } = mapping;
    const { get_esm_result } = played.recording;
    return { get_esm_result: { ...(get_esm_result as object), State, LastProcessingResult } };
  },

  kinesis_event_source_mapping_with_s3_on_failure_destination: async (name) => {
    const played = await play(stage, name);
    await stage.s3.send(new CreateBucketCommand({ Bucket: 'failures' }));
    played.control.onCall = () => ({ does: 'throw' });
    await played.put(played.records);
    const { create_event_source_mapping_response: created } = played.recording;
    const { id } = await played.host.mapStream(
      recordedMapping(created, played.stream.arn, 'arn:aws:s3:::failures'),
    );
    await played.events.until('discarded');
    const listed = await stage.s3.send(new ListObjectsV2Command({ Bucket: 'failures' }));
    const Key = listed.Contents![0]!.Key!;
    const got = await stage.s3.send(new GetObjectCommand({ Bucket: 'failures', Key }));
    const body = JSON.parse(await got.Body!.transformToString());
    const day = body.timestamp.slice(0, 10).replaceAll('-', '/');
    const second = body.timestamp.slice(0, 19).replaceAll(':', '.');
    expect(Key).toMatch(`aws/lambda/${id}/shardId-000000000000/${day}/${second}-`);
    // The recording shows the text of the payload parsed.
    return { record_body: { ...body, payload: JSON.parse(body.payload) } };
  },

  esm_with_not_existing_kinesis_stream: async (name) => {
    const { host, stream } = await play(stage, name);
    const EventSourceArn = stream.arn.replace(stream.name, 'test-foobar-81ded7e8');
    const given = { EventSourceArn, FunctionName: 'app', StartingPosition: 'LATEST' };
    return { error: await errorOf(host.mapStream(given)) };
  },

  kinesis_maximum_record_age_exceeded: async (name) => {
    const played = await play(stage, name);
    played.control.onCall = () => ({ does: 'throw' });
    await played.put([['test', 'stream-data']]);
    if (name.includes('expire-before-ingestion')) played.clock.ahead += 80_000;
    await played.map();
    return { record_age_exceeded_payload: await played.destination() };
  },

  kinesis_maximum_record_age_exceeded_discard_records: async (name) => {
    const played = await play(stage, name);
    await played.put([['test', 'stream-data']]);
    stage.ahead += 80_000;
    await played.put(played.records);
    await played.map();
    const record_age_exceeded_payload = await played.destination();
    await processed(played, 5);
    return { record_age_exceeded_payload, ...delivered(played) };
  },
};

/** The records of a call that its function is to report as failed. */
function failedOf({ event }: LambdaCall): { readonly itemIdentifier: string }[] {
  const { Records } = event as {
    Records: { kinesis: Record<'data' | 'sequenceNumber', string> }[];
  };
  return Records.filter(({ kinesis }) => {
    return JSON.parse(Buffer.from(kinesis.data, 'base64').toString()).should_fail;
  }).map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber }));
}

async function errorOf(refused: Promise<unknown>): Promise<object> {
  const error: { code: string; message: string } = await refused.then(
    () => expect.fail('It was not refused.'),
    (reason) => reason,
  );
  return { Error: { Code: error.code, Message: error.message } };
}

const scenarioOf = (name: string) => scenarios[name.replace(/\[.*/, '')];

describe('mappings of streams, as they were recorded', () => {
  it('are all played again, except the ones that are not', () => {
    const played = [...recorded.keys()].filter((name) => scenarioOf(name) !== undefined);
    expect(recorded.size).toBe(28);
    expect([...played, ...Object.keys(notReproduced)].sort()).toEqual([...recorded.keys()].sort());
  });

  const names = [...recorded.keys()].filter((name) => !(name in notReproduced));

  it.each(names)('%s', async (name) => {
    const recording = recorded.get(name)!;
    const observed = await scenarioOf(name)!(name);
    const comparison = new Comparison();
    for (const [part, value] of Object.entries(observed)) {
      const known = part === 'error' ? onlyError(recording[part]) : recording[part];
      comparison.compare(part, known, value);
    }
    expect(comparison.differences).toEqual([]);
    // What was created is what a scenario starts from: every other part was observed.
    const parts = Object.keys(recording).filter((part) => !/^create/.test(part));
    expect(Object.keys(observed).sort()).toEqual(parts.sort());
  });

  it.each(Object.entries(notReproduced))('%s is refused', async (name, why) => {
    const { host, stream, recording } = await play(stage, name);
    const created = recording['create_event_source_mapping_response'] as {
      DestinationConfig: { OnFailure: { Destination?: string } };
    };
    const { Destination = null } = created.DestinationConfig.OnFailure;
    const arn = Destination?.replaceAll(/<partition>/g, 'aws') ?? null;
    await expect(host.mapStream(recordedMapping(created, stream.arn, arn))).rejects.toThrow(why);
  });
});

function onlyError(recording: unknown): object {
  return { Error: (recording as { Error: object }).Error };
}

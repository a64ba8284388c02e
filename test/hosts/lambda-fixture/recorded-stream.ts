import type { MappingProperties } from '../lambda/mapping-settings.ts';
import type { Recording } from './recordings.ts';

interface RecordedRecord {
  readonly kinesis: {
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    readonly data: string;
  };
}

/** The records that a recording names, each one once, in the order of the stream: key and data. */
export function recordedRecords(recording: Recording): [key: string, data: string][] {
  const found = new Map<string, [string, string]>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('kinesis' in value) {
      const { partitionKey, sequenceNumber, data } = (value as RecordedRecord).kinesis;
      found.set(sequenceNumber, [partitionKey, Buffer.from(data, 'base64').toString()]);
    } else for (const each of Object.values(value)) visit(each);
  };
  visit(recording);
  return [...found.values()];
}

/** The settings of the recorded mapping, for a source and a destination of ours. */
export function recordedMapping(
  created: unknown,
  EventSourceArn: string,
  destination: string | null,
  FunctionName = 'app',
): MappingProperties {
  const { DestinationConfig, ...settings } = created as Record<string, unknown>;
  const names = [
    ...['BatchSize', 'BisectBatchOnFunctionError', 'FunctionResponseTypes', 'FilterCriteria'],
    ...['MaximumBatchingWindowInSeconds', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts'],
    ...['ParallelizationFactor', 'StartingPosition', 'TumblingWindowInSeconds', 'ScalingConfig'],
  ].filter((name) => name in settings);
  return {
    ...Object.fromEntries(names.map((name) => [name, settings[name]])),
    ...(destination !== null && { DestinationConfig: { OnFailure: { Destination: destination } } }),
    ...{ EventSourceArn, FunctionName },
  };
}

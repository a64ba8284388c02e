/** What a stack says of an event source mapping, in the words of `AWS::Lambda::EventSourceMapping`. */
export interface MappingProperties {
  readonly FunctionName: string;
  readonly EventSourceArn: string;
  readonly BatchSize?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
  readonly FunctionResponseTypes?: readonly string[];
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly MaximumRetryAttempts?: number;
  readonly StartingPosition?: string;
  /** Epoch seconds. */
  readonly StartingPositionTimestamp?: number;
  /** Anything else is refused unless it says what holds here anyway. */
  readonly [other: string]: unknown;
}

/** A mapping can't be made, in the words of the service. */
export class MappingError extends Error {
  readonly code: 'InvalidParameterValueException' | 'ResourceConflictException';

  constructor(code: MappingError['code'], message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

/** A mapping with the defaults of the service filled in. */
export interface MappingSettings {
  readonly functionName: string;
  readonly sourceArn: string;
  readonly batchRecords: number;
  readonly windowMs: number;
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
  /** The ARN of a queue or a bucket. */
  readonly destination: string | null;
  /** Infinity: for ever. */
  readonly recordAgeMsMax: number;
  /** Infinity: for ever. */
  readonly retriesMax: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  readonly startingTimestamp: Date | null;
}

/** What is not reproduced here, and what may be said of it all the same. */
const fixed: Readonly<Record<string, readonly unknown[]>> = {
  Enabled: [true],
  FilterCriteria: [],
  ParallelizationFactor: [1],
  TumblingWindowInSeconds: [0],
  ScalingConfig: [],
};
const known = new Set([
  ...['FunctionName', 'EventSourceArn', 'BatchSize', 'BisectBatchOnFunctionError'],
  ...['DestinationConfig', 'FunctionResponseTypes', 'MaximumBatchingWindowInSeconds'],
  ...['MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'StartingPosition'],
  // What it counts nobody reads here.
  ...['StartingPositionTimestamp', 'MetricsConfig'],
]);
const positions = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const;
const destinations = /^arn:[^:]+:(sqs|s3):/;
const windowlessRecordsMax = 10;

/** @throws MappingError for what the service refuses, Error for what is not reproduced here. */
export function mappingSettings(properties: MappingProperties): MappingSettings {
  refuseOthers(properties);
  const isStream = properties.EventSourceArn.split(':')[2] === 'kinesis';
  const {
    BatchSize = isStream ? 100 : 10,
    MaximumBatchingWindowInSeconds = 0,
    MaximumRecordAgeInSeconds = -1,
    MaximumRetryAttempts = -1,
  } = properties;
  if (!isStream && BatchSize > windowlessRecordsMax && MaximumBatchingWindowInSeconds === 0) {
    const text = `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${windowlessRecordsMax}`;
    throw new MappingError('InvalidParameterValueException', text);
  }
  const destination = properties.DestinationConfig?.OnFailure?.Destination ?? null;
  if (destination !== null && !destinations.test(destination)) {
    throw new Error(`A destination like ${destination} is not reproduced here.`);
  }
  const timestamp = properties.StartingPositionTimestamp;
  return {
    functionName: properties.FunctionName,
    sourceArn: properties.EventSourceArn,
    batchRecords: BatchSize,
    windowMs: MaximumBatchingWindowInSeconds * 1_000,
    bisects: properties.BisectBatchOnFunctionError ?? false,
    reportsItemFailures: (properties.FunctionResponseTypes ?? []).includes(
      'ReportBatchItemFailures',
    ),
    destination,
    recordAgeMsMax: orForEver(MaximumRecordAgeInSeconds) * 1_000,
    retriesMax: orForEver(MaximumRetryAttempts),
    startingPosition: isStream ? positionOf(properties) : 'TRIM_HORIZON',
    startingTimestamp: timestamp === undefined ? null : new Date(timestamp * 1_000),
  };
}

function refuseOthers(properties: MappingProperties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (known.has(name) || fixed[name]?.includes(value) === true) continue;
    throw new Error(`${name} ${JSON.stringify(value)} is not reproduced here.`);
  }
}

function positionOf({ StartingPosition }: MappingProperties): MappingSettings['startingPosition'] {
  const position = positions.find((each) => each === StartingPosition);
  if (position !== undefined) return position;
  const text = `1 validation error detected: Value '${StartingPosition}' at 'startingPosition' is not valid`;
  throw new MappingError('InvalidParameterValueException', text);
}

const orForEver = (value: number): number => (value === -1 ? Number.POSITIVE_INFINITY : value);

import { Compile, type XSchema } from 'typebox/schema';

const unit =
  '^((Seconds|Microseconds|Milliseconds|Percent|None)|' +
  '(Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|Terabits|Count)(/Second)?)$';

const name = { type: 'string', minLength: 1, maxLength: 1024 } as const;

/** The embedded metric format as its specification words it, what its prose says of numbers included. */
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      additionalProperties: false,
      properties: {
        Timestamp: { type: 'integer', minimum: 1_500_000_000_000 },
        CloudWatchMetrics: {
          type: 'array',
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            additionalProperties: false,
            properties: {
              Namespace: name,
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: { type: 'array', maxItems: 30, items: { type: 'string', minLength: 1 } },
              },
              Metrics: {
                type: 'array',
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name'],
                  additionalProperties: false,
                  properties: {
                    Name: name,
                    Unit: { type: 'string', pattern: unit },
                    StorageResolution: { enum: [1, 60] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} as const satisfies XSchema;

const validator = Compile(schema);

interface Document {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** What CloudWatch would not take about a line, by the specification. */
export function emfProblems(line: string): string[] {
  const document: Document = JSON.parse(line);
  if (line.length > 1_000_000) return ['the line is longer than a megabyte'];
  const isOfSchema: boolean = validator.Check(document);
  if (!isOfSchema) {
    const [, errors] = validator.Errors(document);
    return errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
  return document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Dimensions.flat()
      .filter((target) => typeof document[target] !== 'string')
      .map((target) => `dimension ${target} is no text of the line`),
    ...Metrics.filter(({ Name }) => !isNumeric(document[Name])).map(
      ({ Name }) => `metric ${Name} is no number of the line, and no list of up to 100`,
    ),
  ]);
}

function isNumeric(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === 'number';
  return value.length <= 100 && value.every((one) => typeof one === 'number');
}

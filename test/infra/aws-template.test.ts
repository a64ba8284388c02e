import { readFileSync } from 'node:fs';
import type { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problemsOf } from '../../infra/aws/check.ts';
import { type Evaluated, evaluate, type TemplateJson } from '../../infra/aws/evaluate.ts';
import { policy } from '../../infra/aws/policies.ts';
import { takenByLambda } from '../../infra/aws/rights.ts';
import { templatePaths, templateTexts } from '../../infra/aws/template.ts';

const template: TemplateJson = JSON.parse(readFileSync(templatePaths.millrace, 'utf8'));
const code = { codeBucket: 'code', codeKey: 'key' };

/** The resources with these parameters, by id. */
function made(given: Readonly<Record<string, string>> = {}): Readonly<Record<string, Evaluated>> {
  const parameters = { ...code, ...given };
  expect(problemsOf(template, parameters)).toEqual([]);
  const resources = evaluate(template, { stack: 'millrace', parameters });
  return Object.fromEntries(resources.map((one) => [one.id, one]));
}

const propertiesOf = (id: string, given?: Readonly<Record<string, string>>) =>
  made(given)[id]!.Properties;

describe('the templates for AWS', () => {
  it('are kept as they are generated, and have no problem', () => {
    const texts = templateTexts();
    for (const name of ['millrace', 'code'] as const) {
      expect(readFileSync(templatePaths[name], 'utf8'), 'run: npx node infra/aws/template.ts').toBe(
        texts[name],
      );
    }
  });

  it('are small enough to be uploaded, and name no account and no region', () => {
    const text = readFileSync(templatePaths.millrace, 'utf8');
    expect(text.length).toBeLessThan(1_000_000);
    // Without a bucket, a template has 51,200 bytes at most.
    expect(readFileSync(templatePaths.code).length).toBeLessThan(51_200);
    expect(text).not.toMatch(/\d{12}|[a-z]{2}-(east|west|north|south|central)-\d|cdk/);
  });

  it('make a stream with counted shards, or one on demand', () => {
    expect(propertiesOf('Stream')).toMatchObject({
      ...{ ShardCount: 4, StreamModeDetails: { StreamMode: 'PROVISIONED' } },
      RetentionPeriodHours: 24,
    });
    const onDemand = propertiesOf('Stream', { shards: '0' });
    expect(onDemand['StreamModeDetails']).toEqual({ StreamMode: 'ON_DEMAND' });
    expect(onDemand).not.toHaveProperty('ShardCount');
  });

  it('have the stream asked for records, or pushing them', () => {
    expect(propertiesOf('ProcessRecords')).toMatchObject({ EventSourceArn: '<Stream.Arn>' });
    expect(made()).not.toHaveProperty('Consumer');
    const pushed = { enhancedFanOut: 'true' };
    expect(propertiesOf('ProcessRecords', pushed)).toMatchObject({
      EventSourceArn: '<Consumer.ConsumerARN>',
    });
    expect(propertiesOf('Consumer', pushed)).toMatchObject({ StreamARN: '<Stream.Arn>' });
  });

  it('hand records on in order, for as long as there are any, and then put them aside', () => {
    expect(propertiesOf('ProcessRecords', { retentionHours: '48' })).toMatchObject({
      ...{ ParallelizationFactor: 1, StartingPosition: 'TRIM_HORIZON', MaximumRetryAttempts: -1 },
      ...{ BisectBatchOnFunctionError: true, MaximumRecordAgeInSeconds: 47 * 3_600 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: '<Failures.Arn>' } },
    });
  });

  it('have every retention at hand, up to an hour before its end', () => {
    const { AllowedValues = [] } = template.Parameters['retentionHours']!;
    expect(AllowedValues.length).toBeGreaterThan(3);
    for (const retentionHours of AllowedValues) {
      const { ProcessRecords, ExpiringAlarm } = made({ retentionHours });
      const seconds = Number(retentionHours) * 3_600;
      expect(ProcessRecords!.Properties['MaximumRecordAgeInSeconds']).toBe(seconds - 3_600);
      expect(ExpiringAlarm!.Properties['Threshold']).toBe(seconds / 2);
    }
  });

  it('reserve instances, keep some warm, remove what is old and mail, only if asked to', () => {
    const reserved = 'ReservedConcurrentExecutions';
    const kept = 'ProvisionedConcurrencyConfig';
    const byDefault = made();
    expect(byDefault['Process']!.Properties).not.toHaveProperty(reserved);
    expect(byDefault['QueryAlias']!.Properties).not.toHaveProperty(kept);
    expect(byDefault['Objects']!.Properties).not.toHaveProperty('LifecycleConfiguration');
    expect(byDefault).not.toHaveProperty('AlarmsMail');
    const asked = made({
      ...{ processReserved: '8', httpReserved: '20', httpProvisioned: '2' },
      ...{ keptDays: '90', alertEmail: 'ops@a.example' },
    });
    expect(asked['Process']!.Properties[reserved]).toBe(8);
    expect(asked['Query']!.Properties[reserved]).toBe(20);
    expect(asked['Maintain']!.Properties).not.toHaveProperty(reserved);
    const provisioned = { ProvisionedConcurrentExecutions: 2 };
    expect(asked['QueryAlias']!.Properties[kept]).toEqual(provisioned);
    expect(asked['Objects']!.Properties['LifecycleConfiguration']).toEqual({
      Rules: [{ Id: 'kept', Status: 'Enabled', Prefix: 'kept/', ExpirationInDays: 90 }],
    });
    expect(asked['AlarmsMail']!.Properties).toMatchObject({ Endpoint: 'ops@a.example' });
  });

  it('make another version of what has an address whenever anything it depends on changes', () => {
    const version = (given?: Readonly<Record<string, string>>) =>
      propertiesOf('QueryVersion', given)['Description'];
    const changes: readonly Record<string, string>[] = [
      ...[{ codeKey: 'other' }, { httpMemoryMB: '1024' }],
      ...[{ bucketCount: '128' }, { retentionHours: '48' }],
      { results: 'webhook' },
      ...[{ resultsWebhook: 'https://a.example/' }, { resultsSignedBy: 'other' }],
    ];
    const all = new Set([version(), ...changes.map(version)]);
    expect(all.size).toBe(changes.length + 1);
    const ofLength = (name: string): string => 'x'.repeat(template.Parameters[name]!.MaxLength!);
    const longest = {
      ...{ codeKey: `${'0'.repeat(64)}.zip`, httpMemoryMB: '10240', bucketCount: '65536' },
      ...{ retentionHours: '168', results: 'webhook' },
      resultsWebhook: ofLength('resultsWebhook'),
      resultsSignedBy: ofLength('resultsSignedBy'),
    };
    expect(String(version(longest)).length).toBeLessThanOrEqual(256);
    // What the function has from parameters is what the version names.
    const { Query } = template.Resources;
    const refs = JSON.stringify(Query).matchAll(/"Ref":"(\w+)"/g);
    const named = [...refs]
      .map(([, name = '']) => name)
      .filter((name) => template.Parameters[name]);
    // By its condition.
    named.push('results');
    const unchanging = ['codeBucket', 'httpReserved'];
    expect([...new Set(named)].filter((name) => !unchanging.includes(name)).sort()).toEqual(
      changes.map((change) => Object.keys(change)[0]).sort(),
    );
  });
});

describe('the checks of the templates find', () => {
  afterEach(() => vi.restoreAllMocks());

  const resource = (stack: Stack, id: string): CfnResource =>
    stack.node.findChild(id) as CfnResource;

  it.each<[what: string, change: (stack: Stack) => void, found: RegExp]>([
    [
      'a member that the type does not have',
      (stack) => resource(stack, 'Table').addPropertyOverride('BillingMod', 'X'),
      /'BillingMod' was unexpected/,
    ],
    [
      'a value that the type does not take',
      (stack) => resource(stack, 'Process').addPropertyOverride('Architectures', ['arm']),
      /Millrace\/Process: Architectures.0: 'arm' is not one of/,
    ],
    [
      'rights on everything',
      (stack) => {
        const statement = { Effect: 'Allow', Action: ['dynamodb:*'], Resource: '*' } as const;
        new CfnRole(stack, 'Role', {
          assumeRolePolicyDocument: takenByLambda,
          policies: [{ policyName: 'all', policyDocument: policy(statement) }],
        });
      },
      /AwsSolutions-IAM5\[Action::dynamodb:\*\]/,
    ],
    [
      'a bucket that anybody may come to without TLS',
      (stack) => stack.node.tryRemoveChild('ObjectsPolicy'),
      /AwsSolutions-S10/,
    ],
  ])('%s', (_, change, found) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => templateTexts(change)).toThrow(found);
  });
});

describe('the check of parameters finds', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['one that does not exist', { partitions: '4' }, "there is no parameter 'partitions'"],
    ['one that is no number', { shards: 'many' }, 'shards: must be a whole number, not "many"'],
    ['one that is not whole', { shards: '4.5' }, 'shards: must be a whole number, not "4.5"'],
    ['one out of its bounds', { shards: '501' }, 'shards: must be from 0 to 500, not "501"'],
    [
      'one that is not allowed',
      { retentionHours: '25' },
      'retentionHours: must be one of 24, 48, 72, 96, 120, 144, 168, not "25"',
    ],
    ['one that is empty', { codeKey: '' }, 'codeKey: must be a text, not ""'],
  ])('%s', (_, given, problem) => {
    expect(problemsOf(template, given)).toEqual([problem]);
  });
});

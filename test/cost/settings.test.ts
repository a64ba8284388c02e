import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricNames } from '../../adapters/aws/emf-line.ts';
import * as aws from '../../cost/aws/settings.ts';
import * as azure from '../../cost/azure/settings.ts';
import { partitionsMost } from '../../cost/capacity.ts';
import {
  type TemplateJson as AwsTemplate,
  evaluate as evaluateAws,
} from '../../infra/aws/evaluate.ts';
import { templatePaths } from '../../infra/aws/template.ts';
import {
  type TemplateJson as AzureTemplate,
  evaluate as evaluateAzure,
} from '../../infra/azure/evaluate.ts';
import { templateText } from '../../infra/azure/template.ts';

const root = join(import.meta.dirname, '../..');

describe('what the model takes the app on AWS to be', () => {
  const template: AwsTemplate = JSON.parse(readFileSync(templatePaths.millrace, 'utf8'));
  const parameters = { codeBucket: 'code', codeKey: 'key' };
  const resources = evaluateAws(template, { stack: 'millrace', parameters });
  const defaultOf = (name: string): unknown => template.Parameters[name]?.Default;

  it('has the batches of the mapping', () => {
    const { Properties } = resources.find(({ id }) => id === 'ProcessRecords')!;
    expect(Properties['BatchSize']).toBe(aws.lambdaHost.batchRecordsMax);
    // 6 MB of base64.
    expect(aws.lambdaHost.batchBytesMax).toBe((6 * 1_048_576 * 3) / 4);
    expect(defaultOf('batchWindowSeconds')).toBe(0);
  });

  it('has the defaults of the parameters', () => {
    const { processMemoryMB, httpMemoryMB, maintainMemoryMB, httpReady } = aws.defaultAwsModes;
    expect(defaultOf('processMemoryMB')).toBe(processMemoryMB);
    expect(defaultOf('httpMemoryMB')).toBe(httpMemoryMB);
    expect(defaultOf('maintainMemoryMB')).toBe(maintainMemoryMB);
    expect(defaultOf('httpProvisioned')).toBe(httpReady);
    expect(defaultOf('retentionHours')).toBe(aws.retentionHours);
    expect(defaultOf('enhancedFanOut')).toBe(String(aws.defaultAwsModes.fanOut));
  });

  it('has the metrics that alarms look at, and the figures that are metrics', () => {
    const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    const metrics = alarms.map(({ Properties }) => {
      const queries = Properties['Metrics'] as readonly { MetricStat?: unknown }[] | undefined;
      return queries?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
    });
    expect(metrics.reduce((sum, one) => sum + one, 0)).toBe(aws.alarmMetrics);
    expect(metricNames).toHaveLength(aws.figures.all);
  });

  it('has a table on demand, with recovery to a point in time, and functions on arm64', () => {
    const table = resources.find(({ Type }) => Type === 'AWS::DynamoDB::Table')!.Properties;
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    const functions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    for (const { Properties } of functions) expect(Properties['Architectures']).toEqual(['arm64']);
    const rule = resources.find(({ Type }) => Type === 'AWS::Events::Rule')!.Properties;
    expect(rule['ScheduleExpression']).toBe('rate(1 minute)');
  });
});

describe('what the model takes the app on Azure to be', () => {
  const host = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')).extensions.eventHubs;
  const template: AzureTemplate = JSON.parse(templateText());
  const resources = evaluateAzure(template);
  const defaultOf = (name: string): unknown => template.parameters[name]?.defaultValue;
  const count = (type: RegExp): number => resources.filter((one) => type.test(one.type)).length;

  it('has the batches and the checkpoints of host.json', () => {
    expect(host.minEventBatchSize).toBe(azure.functionsHost.batchRecordsMax);
    expect(host.maxWaitTime).toBe(`00:00:0${azure.functionsHost.waitSeconds}`);
    expect(host.batchCheckpointFrequency).toBe(azure.checkpointBatches);
  });

  it('has the defaults of the parameters', () => {
    expect(defaultOf('retentionHours')).toBe(azure.retentionHours);
    expect(defaultOf('instanceMemoryMB')).toBe(azure.defaultAzureModes.instanceMemoryMB);
    expect(defaultOf('cosmosAutoscaleMax')).toBe(0);
    expect(defaultOf('alwaysReadyProcess')).toBe(0);
    expect(template.parameters['partitions']).toMatchObject({ maxValue: partitionsMost.azure });
    expect(defaultOf('alwaysReadyHttp')).toBe(0);
    expect(azure.defaultAzureModes.http).toBe('on-demand');
  });

  it('has the alerts, and a storage account whose metadata is no write', () => {
    expect(count(/metricAlerts$|metricAlerts@/)).toBe(azure.alerts.metric);
    expect(count(/scheduledQueryRules/)).toBe(azure.alerts.log);
    const accounts = resources.filter(({ type }) => /storageAccounts$/.test(type));
    expect(accounts).toHaveLength(2);
    for (const { kind } of accounts as readonly { kind?: unknown }[]) {
      expect(kind).toBe('StorageV2');
    }
  });
});

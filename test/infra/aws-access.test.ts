import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Evaluated, evaluate, type TemplateJson } from '../../infra/aws/evaluate.ts';
import type { FunctionName } from '../../infra/aws/rights.ts';
import { templatePaths } from '../../infra/aws/template.ts';
import { byHost, called } from '../aws/expected-actions.ts';

const template: TemplateJson = JSON.parse(readFileSync(templatePaths.millrace, 'utf8'));
const code: TemplateJson = {
  ...{ Parameters: {}, Conditions: {}, Mappings: {} },
  ...JSON.parse(readFileSync(templatePaths.code, 'utf8')),
};
const parameters = { codeBucket: 'code', codeKey: 'key', enhancedFanOut: 'true' };
const resources = evaluate(template, { stack: 'millrace', parameters });

const ofType = (type: string, of: readonly Evaluated[] = resources): Evaluated[] =>
  of.filter(({ Type }) => Type === type);

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const places: Readonly<Record<string, string>> = {
  '<Table.Arn>': 'table',
  '<Stream.Arn>': 'stream',
  '<Consumer.ConsumerARN>': 'consumer',
  '<Objects.Arn>': 'objects',
  '<Objects.Arn>/*': 'objects',
  '<Failures.Arn>': 'failures',
  '<Failures.Arn>/*': 'failures',
  '<NoticesQueue.Arn>': 'notices',
  '<ResultsQueue.Arn>': 'results',
  '<ResultsStream.Arn>': 'the stream of results',
};

function statementsOf(role: Evaluated): readonly Statement[] {
  const policies = role.Properties['Policies'] as readonly {
    readonly PolicyDocument: { readonly Statement: readonly Statement[] };
  }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function withResults(given: Readonly<Record<string, string>>): Evaluated[] {
  return evaluate(template, { stack: 'millrace', parameters: { ...parameters, ...given } });
}

/** What a role allows, one action on one place each. */
function allowedTo(name: FunctionName, of: readonly Evaluated[] = resources): string[] {
  const id = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const role = of.find((one) => one.id === `${id}Role`)!;
  const log = { [`<${id}Log.Arn>`]: 'log' };
  return statementsOf(role).flatMap(({ Effect, Action, Resource }) => {
    expect(Effect).toBe('Allow');
    const place = { ...places, ...log }[String(Resource)];
    return [Action].flat().map((action) => {
      // S3 knows actions on buckets, and others on what is in them.
      const isOfObject = /^s3:\w+Object$/.test(action);
      expect(String(Resource).endsWith('/*'), `${action} on ${Resource}`).toBe(isOfObject);
      return `${action} on ${place}`;
    });
  });
}

describe('the rights of the functions', () => {
  const names = Object.keys(called) as FunctionName[];

  it.each(names)('of %s lack nothing that it calls or that is done in its name', (name) => {
    const allowed = new Set(allowedTo(name));
    const needed = [...called[name], ...byHost[name]];
    expect(needed.filter((right) => !allowed.has(right))).toEqual([]);
  });

  it.each(names)('of %s hold nothing that nobody uses', (name) => {
    const needed = new Set([...called[name], ...byHost[name]]);
    expect(allowedTo(name).filter((right) => !needed.has(right))).toEqual([]);
  });

  it.each([
    { results: 'queue', place: 'sqs:SendMessage on results' },
    { results: 'stream', place: 'kinesis:PutRecords on the stream of results' },
    { results: 'webhook', place: null },
  ])('of maintain are to publish to the $results, and nowhere else', ({ results, place }) => {
    const published = / on (the stream of )?results$/;
    const rights = allowedTo('maintain', withResults({ results }));
    expect(rights.filter((right) => published.test(right))).toEqual(place === null ? [] : [place]);
    const [others] = [allowedTo('process'), allowedTo('query')];
    expect(others.filter((right) => published.test(right))).toEqual([]);
  });

  it('are on named things, and each function has its own', () => {
    const roles = ofType('AWS::IAM::Role');
    expect(roles).toHaveLength(names.length);
    for (const action of roles.flatMap(statementsOf).flatMap(({ Action }) => Action)) {
      expect(action).not.toContain('*');
    }
    const used = ofType('AWS::Lambda::Function').map(({ Properties }) => Properties['Role']);
    expect(new Set(used).size).toBe(names.length);
    expect(JSON.stringify(roles)).not.toContain('ManagedPolicyArns');
  });

  it('are taken by Lambda alone', () => {
    for (const { Properties } of ofType('AWS::IAM::Role')) {
      const { Statement } = Properties['AssumeRolePolicyDocument'] as { Statement: Statement[] };
      expect(Statement.map(({ Principal }) => Principal)).toEqual([
        { Service: 'lambda.amazonaws.com' },
      ]);
    }
  });

  it('do not go beyond the stream when nothing is pushed', () => {
    const without = evaluate(template, {
      stack: 's',
      parameters: { codeBucket: 'c', codeKey: 'k' },
    });
    expect(JSON.stringify(without)).not.toContain('SubscribeToShard');
    expect(JSON.stringify(without)).not.toContain('Consumer');
  });
});

describe('who gets in', () => {
  const buckets = [...ofType('AWS::S3::Bucket')];
  const all = [...resources, ...evaluate(code, { stack: 'millrace-code', parameters: {} })];

  it('signs a request: no function has an address without', () => {
    const urls = ofType('AWS::Lambda::Url');
    expect(urls.map(({ Properties }) => Properties['AuthType'])).toEqual(['AWS_IAM', 'AWS_IAM']);
    const permissions = ofType('AWS::Lambda::Permission').map(({ Properties }) => Properties);
    expect(permissions).toEqual([
      expect.objectContaining({
        Principal: 'events.amazonaws.com',
        SourceArn: '<MaintainClock.Arn>',
      }),
    ]);
  });

  it('comes by TLS: every bucket, queue and topic refuses the rest', () => {
    const guarded = all.filter(({ Type }) => /Bucket$|::Queue$|::Topic$/.test(Type));
    const policies = all.filter(({ Type }) => /(Bucket|Queue|Topic)Policy$/.test(Type));
    expect(guarded).toHaveLength(7);
    for (const { id } of guarded) {
      const policy = policies.find((one) => one.id === `${id}Policy`);
      const { Statement } = policy!.Properties['PolicyDocument'] as { Statement: Statement[] };
      expect(Statement, id).toContainEqual(
        expect.objectContaining({
          ...{ Effect: 'Deny', Principal: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  it('is nobody from outside: buckets are closed, and what is kept is encrypted', () => {
    expect(buckets.map(({ id }) => id)).toEqual(['Objects', 'Failures']);
    for (const { Properties } of ofType('AWS::S3::Bucket', all)) {
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
        ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
      });
      expect(JSON.stringify(Properties['BucketEncryption'])).toContain('AES256');
    }
    const [table] = ofType('AWS::DynamoDB::Table');
    expect(table!.Properties['SSESpecification']).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
    const [stream] = ofType('AWS::Kinesis::Stream');
    expect(stream!.Properties['StreamEncryption']).toMatchObject({ EncryptionType: 'KMS' });
    for (const { Properties } of ofType('AWS::SQS::Queue')) {
      expect(Properties['SqsManagedSseEnabled']).toBe(true);
    }
  });

  it('needs no secret but that of a webhook, which the template knows by its name', () => {
    const text = JSON.stringify(template);
    expect(text).not.toMatch(/NoEcho|SecretString|AccessKey|Password/i);
    expect(JSON.stringify(resources)).not.toContain('resolve:');
    const named = JSON.stringify(withResults({ results: 'webhook' })).match(/{{resolve:[^}]*}}/g);
    expect([...new Set(named)]).toEqual(['{{resolve:secretsmanager:millrace-results}}']);
    expect(Object.keys(template.Outputs).filter((name) => /key|secret/i.test(name))).toEqual([]);
  });

  it('loses no data with the stack', () => {
    const kept = all.filter(({ Type }) => /::(Table|Bucket)$/.test(Type));
    expect(kept).toHaveLength(4);
    for (const resource of kept) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });
});

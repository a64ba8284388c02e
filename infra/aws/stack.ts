import {
  type App,
  CfnOutput,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import { alarmsIn } from './alarms.ts';
import { bucketIn, objectsIn } from './buckets.ts';
import { conditionsIn, retentionIn } from './conditions.ts';
import { forms, functionsIn, urlIn } from './functions.ts';
import { parametersIn } from './parameters.ts';
import { queuesIn } from './queues.ts';
import { type Places, settings } from './settings.ts';
import { resultsStreamIn, streamIn } from './stream.ts';
import { tableIn } from './table.ts';
import { topicIn } from './topic.ts';
import { clockIn, noticesTriggerIn, streamTriggerIn } from './triggers.ts';

/** Everything that Millrace needs in an account and a region; its package has to be in a bucket there. */
export function millraceStack(app: App): Stack {
  const stack = stackOf(app, 'Millrace', 'Exact, live aggregates from an event stream.');
  const parameters = parametersIn(stack);
  const conditions = conditionsIn(stack, parameters);
  const retention = retentionIn(stack, parameters);
  const table = tableIn(stack);
  const source = streamIn(stack, parameters, conditions);
  const objects = objectsIn(stack, parameters, conditions);
  const failures = bucketIn(stack, 'Failures');
  const { notices, poison, results } = queuesIn(stack, forms.poison.timeoutSeconds);
  const resultsStream = resultsStreamIn(stack, parameters, conditions);
  const places: Places = {
    ...{ table, stream: source.stream, objects, failures },
    ...{ notices, results, resultsStream },
  };
  const arns = {
    ...{ table: table.attrArn, stream: source.stream.attrArn, objects: objects.attrArn },
    ...{ failures: failures.attrArn, notices: notices.attrArn },
  };
  const fanOut = {
    condition: conditions.hasFanOut,
    consumerArn: source.consumer.attrConsumerArn,
  };
  const published = {
    ...{ hasWebhook: conditions.hasResultsWebhook, hasStream: conditions.hasResultsStream },
    ...{ streamArn: resultsStream.attrArn, queueArn: results.attrArn },
  };
  const parts = {
    ...{ parameters, conditions, arns, chosen: { fanOut, published } },
    settings: settings(places, parameters, conditions),
  };
  const functions = functionsIn(stack, parts);
  const trigger = { source, places, parameters, retention };
  const mapping = streamTriggerIn(stack, functions.process, trigger);
  noticesTriggerIn(stack, functions.poison, places);
  clockIn(stack, functions.maintain);
  const ingest = urlIn(stack, 'ingest', functions.ingest, parts);
  const query = urlIn(stack, 'query', functions.query, parts);
  const topic = topicIn(stack, parameters, conditions);
  alarmsIn(stack, topic.ref, {
    ...{ parameters, retention, places, poison, functions, mapping },
  });
  outputs(stack, {
    ingestUrl: ingest.attrFunctionUrl,
    queryUrl: query.attrFunctionUrl,
    stream: source.stream.ref,
    table: table.ref,
    objectsBucket: objects.ref,
    failuresBucket: failures.ref,
    resultsQueue: results.ref,
    maintain: functions.maintain.lambda.ref,
  });
  return stack;
}

/** The bucket that packages are put into, apart from the rest: a function can't be made before its package is there. */
export function codeStack(app: App): Stack {
  const stack = stackOf(app, 'MillraceCode', 'The packages of Millrace.');
  const bucket = bucketIn(stack, 'Code');
  outputs(stack, { codeBucket: bucket.ref });
  return stack;
}

function stackOf(app: App, id: string, description: string): Stack {
  // The template names no account, no region and nothing of `cdk bootstrap`.
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  return new Stack(app, id, { description, synthesizer: synthesizer as IStackSynthesizer });
}

function outputs(stack: Stack, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) new CfnOutput(stack, name, { value });
}

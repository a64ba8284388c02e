import { createHash } from 'node:crypto';
import { Aws, type CfnCondition, Fn, type Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnAlias, CfnFunction, CfnUrl, CfnVersion } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { type Conditions, numberIf, partIf } from './conditions.ts';
import type { Parameters } from './parameters.ts';
import { type Arns, type Chosen, type FunctionName, policyOf, takenByLambda } from './rights.ts';

/** What the functions differ in. */
interface Form {
  readonly description: string;
  /** After so long Lambda ends an invocation. */
  readonly timeoutSeconds: number;
  readonly memory: 'processMemoryMB' | 'httpMemoryMB' | 'maintainMemoryMB';
  readonly reserved?: 'processReserved' | 'httpReserved';
}

/** The functions of the app; all are in one package. */
export const forms: Readonly<Record<FunctionName, Form>> = {
  process: {
    description: 'Brings records of the stream into the journals.',
    ...{ timeoutSeconds: 60, memory: 'processMemoryMB', reserved: 'processReserved' },
  },
  ingest: {
    description: 'Takes events by HTTP.',
    ...{ timeoutSeconds: 30, memory: 'httpMemoryMB', reserved: 'httpReserved' },
  },
  query: {
    description: 'Answers queries by HTTP.',
    ...{ timeoutSeconds: 30, memory: 'httpMemoryMB', reserved: 'httpReserved' },
  },
  maintain: {
    description: 'Does once a minute what needs a clock.',
    ...{ timeoutSeconds: 60, memory: 'maintainMemoryMB' },
  },
  poison: {
    description: 'Takes the notices of dead letters into their index.',
    ...{ timeoutSeconds: 60, memory: 'maintainMemoryMB' },
  },
};

/** What the functions have in common. */
export interface FunctionsParts {
  readonly parameters: Parameters;
  readonly conditions: Conditions;
  readonly settings: Readonly<Record<string, string>>;
  readonly arns: Arns;
  readonly chosen: Chosen;
}

/** A function with its role. */
export interface MadeFunction {
  readonly lambda: CfnFunction;
  readonly role: CfnRole;
}

/** Makes the five functions, each with a role and a log of its own. */
export function functionsIn(
  stack: Stack,
  parts: FunctionsParts,
): Readonly<Record<FunctionName, MadeFunction>> {
  const made = (Object.keys(forms) as FunctionName[]).map((name) => {
    return [name, functionIn(stack, name, parts)];
  });
  return Object.fromEntries(made);
}

function functionIn(stack: Stack, name: FunctionName, parts: FunctionsParts): MadeFunction {
  const { parameters, conditions, settings, arns, chosen } = parts;
  const { description, timeoutSeconds, memory, reserved } = forms[name];
  const id = idOf(name);
  const functionName = namedBy(name);
  const log = new CfnLogGroup(stack, `${id}Log`, {
    logGroupName: Fn.join('', ['/aws/lambda/', functionName]),
    retentionInDays: parameters.logDays.valueAsNumber,
  });
  const policyDocument = policyOf(name, arns, log.attrArn, chosen);
  const role = new CfnRole(stack, `${id}Role`, {
    description: `What ${name} of Millrace may do.`,
    assumeRolePolicyDocument: takenByLambda,
    policies: [{ policyName: 'millrace', policyDocument }],
  });
  const lambda = new CfnFunction(stack, id, {
    ...{ functionName, description, role: role.attrArn },
    ...{ runtime: 'nodejs24.x', architectures: ['arm64'], handler: `main.${name}` },
    code: {
      s3Bucket: parameters.codeBucket.valueAsString,
      s3Key: parameters.codeKey.valueAsString,
    },
    timeout: timeoutSeconds,
    memorySize: parameters[memory].valueAsNumber,
    ...(reserved === undefined
      ? {}
      : {
          reservedConcurrentExecutions: numberIf(
            conditionOf(reserved, conditions),
            parameters[reserved],
          ),
        }),
    environment: { variables: settings },
    // The lines of figures are JSON already: Lambda must not wrap them once more.
    loggingConfig: { logGroup: log.ref, logFormat: 'Text' },
  });
  return { lambda, role };
}

function conditionOf(reserved: NonNullable<Form['reserved']>, of: Conditions): CfnCondition {
  return reserved === 'processReserved' ? of.hasProcessReserved : of.hasHttpReserved;
}

/** The name of something in this stack: those of two stacks differ. */
export function namedBy(name: string): string {
  return Fn.join('-', [Aws.STACK_NAME, name]);
}

/** A name in the form of ids in the template. */
export function idOf(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

const aliasName = 'live';

/**
 * The address of a function, for those who sign their requests. It belongs to an alias, which moves to a new version
 * with each change, since only a version can be kept warm.
 */
export function urlIn(
  stack: Stack,
  name: FunctionName,
  { lambda }: MadeFunction,
  { parameters, conditions }: Pick<FunctionsParts, 'parameters' | 'conditions'>,
): CfnUrl {
  const id = idOf(name);
  // A version never changes: another description makes another one. So it holds all that the function depends on.
  const { httpMemoryMB, bucketCount, retentionHours, codeKey } = parameters;
  const { results, resultsWebhook, resultsSignedBy } = parameters;
  const values = [
    ...[httpMemoryMB, bucketCount, retentionHours, codeKey],
    ...[results, resultsWebhook, resultsSignedBy],
  ].map((one) => one.valueAsString);
  const version = new CfnVersion(stack, `${id}Version`, {
    functionName: lambda.ref,
    description: Fn.join(' ', [hashOf(stack.resolve(lambda._toCloudFormation())), ...values]),
  });
  const alias = new CfnAlias(stack, `${id}Alias`, {
    functionName: lambda.ref,
    functionVersion: version.attrVersion,
    name: aliasName,
    provisionedConcurrencyConfig: partIf(conditions.hasHttpProvisioned, {
      ProvisionedConcurrentExecutions: parameters.httpProvisioned.valueAsNumber,
    }),
  });
  const url = new CfnUrl(stack, `${id}Url`, {
    targetFunctionArn: lambda.attrArn,
    qualifier: aliasName,
    authType: 'AWS_IAM',
    // A live stream is sent while it is made; what takes events has its answer at once.
    invokeMode: name === 'query' ? 'RESPONSE_STREAM' : 'BUFFERED',
  });
  url.addResourceDependency(alias);
  return url;
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

import {
  Aws,
  CfnCondition,
  CfnMapping,
  type CfnParameter,
  Fn,
  type IResolvable,
  type Stack,
  Token,
} from 'aws-cdk-lib';
import type { Parameters } from './parameters.ts';

/** What the template decides on, once its parameters are known. */
export interface Conditions {
  /** The stream has shards that are counted, and not as many as it needs. */
  readonly isProvisioned: CfnCondition;
  readonly hasFanOut: CfnCondition;
  readonly hasProcessReserved: CfnCondition;
  readonly hasHttpReserved: CfnCondition;
  readonly hasHttpProvisioned: CfnCondition;
  readonly hasResultsStream: CfnCondition;
  readonly hasResultsWebhook: CfnCondition;
  readonly hasKeptDays: CfnCondition;
  readonly hasMail: CfnCondition;
}

/** Declares all conditions in a stack. */
export function conditionsIn(stack: Stack, parameters: Parameters): Conditions {
  const when = (id: string, parameter: CfnParameter, value: string): CfnCondition => {
    const expression = Fn.conditionEquals(parameter.valueAsString, value);
    return new CfnCondition(stack, id, { expression });
  };
  const unless = (id: string, parameter: CfnParameter, value: string): CfnCondition => {
    const expression = Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, value));
    return new CfnCondition(stack, id, { expression });
  };
  return {
    isProvisioned: unless('IsProvisioned', parameters.shards, '0'),
    hasFanOut: unless('HasFanOut', parameters.enhancedFanOut, 'false'),
    hasProcessReserved: unless('HasProcessReserved', parameters.processReserved, '0'),
    hasHttpReserved: unless('HasHttpReserved', parameters.httpReserved, '0'),
    hasHttpProvisioned: unless('HasHttpProvisioned', parameters.httpProvisioned, '0'),
    hasResultsStream: when('HasResultsStream', parameters.results, 'stream'),
    hasResultsWebhook: when('HasResultsWebhook', parameters.results, 'webhook'),
    hasKeptDays: unless('HasKeptDays', parameters.keptDays, '0'),
    hasMail: unless('HasMail', parameters.alertEmail, ''),
  };
}

/** One of two texts, as a condition decides. */
export function textIf(condition: CfnCondition, yes: string, no: string): string {
  return Fn.conditionIf(condition.logicalId, yes, no).toString();
}

/** A parameter's number, or nothing at all. */
export function numberIf(condition: CfnCondition, parameter: CfnParameter): number {
  return Token.asNumber(partIf(condition, parameter.valueAsNumber));
}

/** A part of a resource, or nothing at all. */
export function partIf(condition: CfnCondition, part: unknown): IResolvable {
  return Fn.conditionIf(condition.logicalId, part, Aws.NO_VALUE);
}

const hourSeconds = 3_600;

/** What follows from how long the stream keeps records: a template has no arithmetic. */
export interface Retention {
  /** An hour before a record expires, seconds: what still fails then is put aside while it is there. */
  readonly recordAgeSeconds: number;
  /** Half of the retention, seconds. */
  readonly halfSeconds: number;
}

/** Declares the figures of every retention in a stack, and picks those of the one that is set. */
export function retentionIn(stack: Stack, { retentionHours }: Parameters): Retention {
  const rows = (retentionHours.allowedValues ?? []).map((hours) => {
    const seconds = Number(hours) * hourSeconds;
    return [hours, { recordAgeSeconds: seconds - hourSeconds, halfSeconds: seconds / 2 }];
  });
  const mapping = new CfnMapping(stack, 'Retention', { mapping: Object.fromEntries(rows) });
  const find = (name: string): number =>
    Token.asNumber(mapping.findInMap(retentionHours.valueAsString, name));
  return {
    recordAgeSeconds: find('recordAgeSeconds'),
    halfSeconds: find('halfSeconds'),
  };
}

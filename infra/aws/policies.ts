import type { IResolvable } from 'aws-cdk-lib';

/** A statement of a policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/** A policy of some statements; a condition may decide on one. */
export function policy(...statements: readonly (Statement | IResolvable)[]): unknown {
  return { Version: '2012-10-17', Statement: statements };
}

/** The policy of a resource that answers nobody without TLS. */
export function withoutTls(action: string, resources: readonly string[]): unknown {
  return policy(denied(action, resources));
}

/** Denies everybody what comes without TLS. */
export function denied(action: string, resources: readonly string[]): Statement {
  return {
    Effect: 'Deny',
    Principal: '*',
    Action: action,
    Resource: resources.length === 1 ? resources[0] : resources,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** What {@link awsClientOptions} may be told. */
export interface AwsClientSettings {
  /** How long a request may take until its answer begins, milliseconds, default 10,000. */
  readonly requestMs?: number;
}

/** Options that every client of AWS takes. */
export interface AwsClientOptions extends Pick<DynamoDBClientConfig, 'maxAttempts'> {
  /** Of a NodeHttpHandler. */
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly socketTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
  /** Of S3 alone. */
  readonly expectContinueHeader: boolean;
}

/**
 * What a client of AWS that speaks HTTP/1 must be made with, besides its region and credentials.
 *
 * - No retries: an error comes at once, and who called decides.
 * - A request ends: its connection, the wait for its answer, and a pause within the answer may take
 *   `requestMs` each. Without `throwOnRequestTimeout` the client prints a warning and waits on.
 * - Large objects go over connections that are there already: a client that first asks whether it
 *   may go on opens one for each object of 2 MB or more.
 */
export function awsClientOptions(settings: AwsClientSettings = {}): AwsClientOptions {
  const ms = settings.requestMs ?? 10_000;
  return {
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: ms,
      requestTimeout: ms,
      socketTimeout: ms,
      throwOnRequestTimeout: true,
    },
    expectContinueHeader: false,
  };
}

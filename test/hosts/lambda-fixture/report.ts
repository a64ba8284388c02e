/** What a handler of the fixture tells the test when it runs. */
export interface LambdaCall {
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
}

/**
 * What the test makes of a call. `float`: a rejection that nobody handles. With it, and with `hang`, the
 * handler never ends.
 */
export interface LambdaReply {
  readonly answer?: unknown;
  readonly does?: 'throw' | 'exit' | 'float' | 'hang';
  readonly log?: string;
  /** Of a stream that is HTTP. */
  readonly prelude?: object;
  /** Of a stream that goes on. */
  readonly chunk?: string;
}

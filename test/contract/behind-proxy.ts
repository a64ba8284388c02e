import type { ErrorCode } from '../../core/errors.ts';
import type { Fault, FaultyProxy } from '../emulators/faulty-proxy.ts';
import type { Failure, Subject } from './subject.ts';

/** What a test of an adapter behind a {@link FaultyProxy} may use besides the port. */
export interface Behind<Port> extends Subject<Port> {
  /** All that the port sends goes through it. */
  readonly proxy: FaultyProxy;
}

/** A failure that the proxy injects, and what it must become. */
export type Row = readonly [name: string, code: ErrorCode, fault: Fault, hits?: Failure['hits']];

/** The failures of a subject. */
export type Failures = Subject<unknown>['failures'];

const html = '<html><body>Bad Gateway</body></html>';

/** What any service may meet on the way. */
export const onTheWay: readonly [Row, ...Row[]] = [
  ['a connection that is reset', 'unavailable', 'reset'],
  ['an answer that is cut short', 'unavailable', 'cut'],
  ['a gateway in trouble', 'unavailable', { status: 502, body: html }],
  ['an answer without a word', 'unavailable', { status: 500 }],
  ['a service that gave up waiting', 'unavailable', { status: 408 }],
];

/** The failures that the proxy injects. */
export function inject(proxy: FaultyProxy, [first, ...others]: readonly [Row, ...Row[]]): Failures {
  const failure = ([name, code, fault, hits = 'all']: Row): Failure => ({
    name,
    code,
    hits,
    inject: () => {
      proxy.fault = fault;
    },
  });
  return [failure(first), ...others.map(failure)];
}

/** Does the work when it is first asked for, and only once. */
export function lazy<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

import { type ErrorCode, MillraceError } from '../../core/errors.ts';

/** What went wrong, as RFC 9457 problem details; `code` is for programs. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode | 'not-found' | 'method' | 'forbidden' | 'unauthorized' | 'media-type';
  /** Every single problem, one sentence each. */
  readonly problems: readonly string[];
}

/** Members that a problem has beside the usual ones. */
export type Extension = Readonly<Record<string, unknown>>;

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Seconds after which a client may try again what was throttled or unavailable. */
const retrySeconds = '1';

/** A refusal as the answer to a request. */
export class HttpProblem extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  readonly extension: Extension;

  constructor(
    status: number,
    code: Problem['code'],
    detail: string,
    more: {
      readonly problems?: readonly string[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly extension?: Extension;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    const title = titles[status] ?? 'Error';
    const problems = more.problems ?? [detail];
    this.problem = { type: 'about:blank', title, status, detail, code, problems };
    this.headers = { ...(status === 503 ? { 'retry-after': retrySeconds } : {}), ...more.headers };
    this.extension = more.extension ?? {};
  }

  /** The answer, `application/problem+json`. */
  response(): Response {
    const headers = { 'content-type': 'application/problem+json', ...this.headers };
    const body = JSON.stringify({ ...this.problem, ...this.extension });
    return new Response(body, { status: this.problem.status, headers });
  }
}

/** Any error as an answer. What is no MillraceError says nothing of itself; no answer holds a stack. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (!(error instanceof MillraceError)) {
    return new HttpProblem(500, 'bug', 'An unexpected error; the server has told its operator.');
  }
  const { code, message, problems } = error;
  return new HttpProblem(statusOf(code), code, message, problems.length > 0 ? { problems } : {});
}

function statusOf(code: ErrorCode): number {
  if (code === 'request') return 400;
  if (code === 'too-large') return 413;
  return code === 'throttled' || code === 'unavailable' ? 503 : 500;
}

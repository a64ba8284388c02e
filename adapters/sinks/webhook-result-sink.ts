import { type ErrorCode, MillraceError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { type ResultMessage, ResultSink } from '../../core/ports/result-sink.ts';
import { signatureHeader, signatureOf } from './signature.ts';

/** Where messages are posted to, and what they are signed with. */
export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  /** How long an answer may take, milliseconds; default 10,000. */
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 10_000;
/** Answers after which the same request may be taken later. */
const passing: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [408, 'unavailable'],
  [425, 'unavailable'],
  [429, 'throttled'],
]);
const contentTooLarge = 413;

/**
 * Results posted as `{"messages":[…]}` and signed. 2xx takes them; 408, 425, 429 and 5xx are tried again; any other
 * answer stays until somebody mends it. Redirects are not followed: the secret is for one address.
 */
export class WebhookResultSink extends ResultSink {
  private readonly options: WebhookOptions;
  private readonly clock: Clock;
  /** What errors name: the address may hold a token, and its path may. */
  private readonly host: string;

  constructor(options: WebhookOptions, clock: Clock) {
    super();
    this.options = options;
    this.clock = clock;
    this.host = new URL(options.url).host;
  }

  override async publish(messages: readonly ResultMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const body = `{"messages":[${messages.map(({ json }) => json).join(',')}]}`;
    const { status, retryAfter } = await this.post(body);
    if (status >= 200 && status < 300) return;
    if (status === contentTooLarge && messages.length > 1) {
      const middle = messages.length >> 1;
      await this.publish(messages.slice(0, middle));
      return this.publish(messages.slice(middle));
    }
    const code = passing.get(status) ?? (status >= 500 ? 'unavailable' : 'request');
    const seconds = Number(retryAfter ?? 0);
    const retryAfterMs = seconds > 0 ? seconds * 1000 : 0;
    const text = `the webhook at ${this.host} answered ${status}`;
    throw new MillraceError(code, text, { problems: [text], retryAfterMs });
  }

  private async post(body: string): Promise<{ status: number; retryAfter: string | null }> {
    const { url, secret, timeoutMs = timeoutMsDefault } = this.options;
    const seconds = Math.floor(this.clock.now() / 1000);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [signatureHeader]: signatureOf(secret, body, seconds),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      return { status: response.status, retryAfter: response.headers.get('retry-after') };
    } catch (cause) {
      const { message, cause: inner } = cause as Error;
      const why = inner instanceof Error ? inner.message : message;
      const text = `the webhook at ${this.host} could not be reached: ${why}`;
      throw new MillraceError('unavailable', text, { cause });
    }
  }
}

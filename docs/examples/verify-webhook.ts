import { createHmac, timingSafeEqual } from 'node:crypto';

const ageSecondsMax = 300;

/** Whether a body was signed with the secret in the last five minutes. `body`: the bytes as they came, not parsed. */
export function isSigned(secret: string, header: string, body: string): boolean {
  const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const wanted = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  const given = Buffer.from(mac, 'hex');
  // The same time for any wrong signature, so that nobody can guess one byte after the other.
  const isRight = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isRight && Math.abs(Date.now() / 1000 - Number(seconds)) <= ageSecondsMax;
}

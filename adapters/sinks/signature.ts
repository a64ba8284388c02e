import { createHmac } from 'node:crypto';

/** The header of a webhook's signature. */
export const signatureHeader = 'millrace-signature';

/** The signature of a body: `t=<epoch seconds>,v1=<HMAC-SHA256 of "t.body" as hex>`. */
export function signatureOf(secret: string, body: string, seconds: number): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

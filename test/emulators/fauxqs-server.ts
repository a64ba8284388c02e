/**
 * The process of fauxqs: listens on 127.0.0.1, on the port that its argument says, and tells its
 * parent where.
 */
import { buildApp } from 'fauxqs';
import { compareUtf8 } from '../../adapters/utf8-order.ts';

/** What the parent hears once. */
export interface Listening {
  readonly endpoint: string;
}

// It lists keys in the order of the machine's language, where S3 lists them by their bytes.
String.prototype.localeCompare = function (other) {
  return compareUtf8(String(this), other);
};

const app = buildApp({ logger: false });
const endpoint = await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.send?.({ endpoint } satisfies Listening);

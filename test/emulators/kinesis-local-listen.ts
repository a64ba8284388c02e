/**
 * Loaded into the process of kinesis-local before it: lets it listen on a free port of 127.0.0.1,
 * where it would take every address and keep the port to itself, and ends it when the parent does,
 * however that ended.
 */
import { type AddressInfo, Server } from 'node:net';

/** What the parent hears once. */
export interface Listening {
  readonly port: number;
}

const { listen } = Server.prototype;
/** Both its servers are plain ones to Node; this tells the one for HTTP. It is no port to listen on. */
const plainPort = process.env['KINESIS_MOCK_PLAIN_PORT'];

Server.prototype.listen = function (this: Server, port: unknown, heard: () => void) {
  if (String(port) === plainPort) {
    this.once('listening', () => {
      process.send?.({ port: (this.address() as AddressInfo).port } satisfies Listening);
    });
  }
  return Reflect.apply(listen, this, [0, '127.0.0.1', heard]);
} as typeof listen;

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

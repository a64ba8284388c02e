/**
 * Loaded into the process of kinesis-local before it: lets it listen on a free port of 127.0.0.1, where it would take
 * every address and keep the port to itself, and ends it when the parent does, however that ended.
 */
import { type AddressInfo, Server } from 'node:net';

/** The ports that kinesis-local believes to listen on. Both its servers are plain ones to Node, so these tell them apart. */
export const tlsPort = 1;
/** For HTTP. */
export const plainPort = 2;

/** What the parent hears once. */
export interface Listening {
  readonly port: number;
}

const { listen } = Server.prototype;

Server.prototype.listen = function (this: Server, port: unknown, heard: () => void) {
  if (Number(port) === plainPort) {
    this.once('listening', () => {
      process.send?.({ port: (this.address() as AddressInfo).port } satisfies Listening);
    });
  }
  return Reflect.apply(listen, this, [0, '127.0.0.1', heard]);
} as typeof listen;

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

import { once } from 'node:events';
import { createServer } from 'node:net';
import { MillraceError } from '../../core/errors.ts';

/**
 * Looks whether a port of 127.0.0.1 is free, before anything is started that needs it.
 *
 * @param sentence what is said of a taken one, behind `port 7071 is taken`.
 * @throws MillraceError `unavailable`.
 */
export async function checkFree(port: number, sentence: string): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const text =
      code === 'EADDRINUSE'
        ? `port ${port} is taken${sentence}`
        : `can't listen on port ${port}: ${message}`;
    throw new MillraceError('unavailable', text, { cause });
  }
  server.close();
  await once(server, 'close');
}

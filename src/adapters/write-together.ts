import type { Writable } from 'node:stream';

/**
 * Has everything that is written to a stream in one go, from here to the end of the promises that
 * follow from it, leave the process in one system call, and not each piece by itself.
 */
export function writeTogether(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let held = false;
  stream.write = (...args: unknown[]) => {
    if (!held) {
      held = true;
      stream.cork();
      process.nextTick(() => {
        held = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

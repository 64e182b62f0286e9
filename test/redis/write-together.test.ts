import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { writeTogether } from '../../src/redis/connect-redis.ts';

/** A stream that tells what left it in one go. */
function recordingStream(): { readonly stream: Writable; readonly left: string[] } {
  const left: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      left.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      left.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  writeTogether(stream);
  return { stream, left };
}

async function turnOfTheEventLoop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('what is written together', () => {
  test('leaves in one go and in its order, promises that follow included', async () => {
    const { stream, left } = recordingStream();
    stream.write('a');
    stream.write(Buffer.from('b'));
    await Promise.resolve();
    stream.write('c');
    await turnOfTheEventLoop();
    expect(left).toEqual(['abc']);
  });

  test('leaves without anything else being written', async () => {
    const { stream, left } = recordingStream();
    stream.write('alone');
    await turnOfTheEventLoop();
    expect(left).toEqual(['alone']);
  });

  test('does not wait for what comes later', async () => {
    const { stream, left } = recordingStream();
    stream.write('a');
    await turnOfTheEventLoop();
    stream.write('b');
    await turnOfTheEventLoop();
    expect(left).toEqual(['a', 'b']);
  });

  test('leaves before the stream ends, and a callback is called', async () => {
    const { stream, left } = recordingStream();
    await new Promise<void>((resolve, reject) => {
      stream.write('last', (error) => (error ? reject(error) : resolve()));
      stream.end();
    });
    expect(left).toEqual(['last']);
  });
});

import { styleText } from 'node:util';
import type { RequestRecord } from '../sandbox/request-log.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { listenErrorText } from '../domain/explanation.ts';
import { onStopSignals } from './terminal/stop-signals.ts';

/** The options of the command `sandbox`. */
export interface SandboxCommandOptions {
  readonly port: number;
  readonly host: string;
  /** Made-up mentions per minute. */
  readonly rate: number;
  readonly backlog: number;
  readonly apiKey: string;
}

/**
 * Serves the documented API locally until Ctrl-C or SIGTERM. Prints how to reach it, then one line
 * per request. Ends the process with 0, or with 1 if it can't listen.
 */
export async function sandbox(options: SandboxCommandOptions): Promise<void> {
  const { port, host, rate, backlog, apiKey } = options;
  let running: Sandbox;
  try {
    running = await startSandbox({
      port,
      host,
      apiKey,
      backlog,
      mentionsPerMinute: rate,
      onRequest: (request) => process.stdout.write(requestLine(request)),
    });
  } catch (error) {
    process.stderr.write(listenErrorText(error as NodeJS.ErrnoException, { host, port }));
    process.exitCode = 1;
    return;
  }
  const stopped = new Promise<void>((resolve) => {
    onStopSignals(
      () => resolve(),
      () => process.exit(1),
    );
    process.stdout.on('error', () => resolve());
  });
  process.stdout.write(greeting(running.url, apiKey, rate));
  await stopped;
  await running.stop();
}

function greeting(url: URL, apiKey: string, rate: number): string {
  const bold = (text: string) => styleText('bold', text);
  const control = new URL('/_sandbox/', url).href;
  return `
  ${bold('mention-relay sandbox')}: Groouply's documented API, with ${rate} made-up mentions per minute

  URL   ${bold(url.href)}
  Key   ${bold(apiKey)}

  Ask it:
    curl -s ${url.href}/account/mentions -d ${quoted(`apiKey=${apiKey}`)}

  Point a relay at it, in its environment or its .env:
    GROOUPLY_API_URL=${url.href}
    GROOUPLY_API_KEY=${quoted(apiKey)}

  Add three mentions now, or make the next two requests fail:
    curl -s ${control}spot -d '{"count":3}'
    curl -s ${control}faults -d '{"kind":"status","status":500,"times":2}'

  Ctrl-C ends it. The requests and their answers:

`;
}

function quoted(text: string): string {
  return /^[\w=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Formats a request as one line, with control characters of its foreign endpoint replaced. */
function requestLine({ atMs, endpoint, status }: RequestRecord): string {
  const time = new Date(atMs).toTimeString().slice(0, 8);
  const color = status === null ? 'yellow' : status < 400 ? 'green' : 'red';
  const answer = styleText(color, status === null ? 'none' : String(status));
  return `  ${time}  ${answer}  ${endpoint.replaceAll(/[^\x21-\x7e]/g, '?')}\n`;
}

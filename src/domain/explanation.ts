/** The problem and the remedy, each a sentence without its full stop. */
export interface Explanation {
  readonly what: string;
  readonly todo?: string;
}

/** Formats an explanation for people, as one or two sentences. */
export function inSentences({ what, todo }: Explanation): string {
  return [what, ...(todo === undefined ? [] : [todo])]
    .map((text) => `${capitalised(text)}.`)
    .join(' ');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An error that the operator can fix. Its message explains it and holds no secret. */
export class ExplainedError extends Error {
  readonly explanation: Explanation;

  constructor(explanation: Explanation) {
    const { what, todo } = explanation;
    super(todo === undefined ? what : `${what}. ${capitalised(todo)}`);
    this.explanation = explanation;
  }
}

/** The place where a server should listen, and the settings that define it. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly hostSetting: string;
  readonly portSetting: string;
}

/** Explains why a server could not listen. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port, hostSetting, portSetting }: ListenPlace,
): Explanation {
  const code = error.code ?? error.name;
  switch (code) {
    case 'EADDRINUSE':
      return {
        what: `port ${port} is taken on ${host}`,
        todo: `choose another one with ${portSetting}, or stop the program that uses it`,
      };
    case 'EACCES':
      return {
        what: `this user may not use port ${port}`,
        todo: `choose one above 1023 with ${portSetting}`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        what: `${JSON.stringify(host)} is not an address of this machine`,
        todo: `set ${hostSetting} to 127.0.0.1, ::1 or 0.0.0.0, for example`,
      };
    default:
      return { what: `port ${port} cannot be used on ${host} (${code})` };
  }
}

/** Explains, with a line break, why a command could not listen on its `--host` and `--port`. */
export function listenErrorText(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const place = { host, port, hostSetting: '--host', portSetting: '--port' };
  return `${inSentences(explainListenError(error, place))}\n`;
}

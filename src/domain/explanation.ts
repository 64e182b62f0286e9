/** What went wrong and what to do about it, each a sentence without its full stop. */
export interface Explanation {
  readonly what: string;
  readonly todo?: string;
}

/** The same for people, as one or two sentences. */
export function inSentences({ what, todo }: Explanation): string {
  return [what, ...(todo === undefined ? [] : [todo])]
    .map((text) => `${capitalised(text)}.`)
    .join(' ');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Something that the operator can mend: its message says what and how, and holds no secret. */
export class ExplainedError extends Error {
  readonly explanation: Explanation;

  constructor(explanation: Explanation) {
    const { what, todo } = explanation;
    super(todo === undefined ? what : `${what}. ${capitalised(todo)}`);
    this.explanation = explanation;
  }
}

/** Where a server was to listen, and by which settings the operator said so. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly hostSetting: string;
  readonly portSetting: string;
}

/** Why a server could not listen, and what to do about it: a sentence without its full stop. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port, hostSetting, portSetting }: ListenPlace,
): string {
  const code = error.code ?? error.name;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is taken on ${host}: choose another one with ${portSetting}, or stop what uses it`;
    case 'EACCES':
      return `port ${port} is not allowed to this user: choose one above 1023 with ${portSetting}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${JSON.stringify(host)} is no address of this machine: ${hostSetting} takes 127.0.0.1, ::1 or 0.0.0.0, for example`;
    default:
      return `port ${port} can't be listened on at ${host} (${code})`;
  }
}

/** Why a command could not listen where its options say, and what to do. Ends with a line break. */
export function listenErrorText(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const place = { host, port, hostSetting: '--host', portSetting: '--port' };
  return `${inSentences({ what: explainListenError(error, place) })}\n`;
}

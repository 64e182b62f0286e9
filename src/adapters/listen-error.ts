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

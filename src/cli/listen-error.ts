/** Why a server could not listen, and what to do about it. Ends with a line break. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const code = error.code ?? error.name;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: choose another one with --port, or --port 0 for any that is free.\n`;
    case 'EACCES':
      return `Port ${port} is not allowed to this user: choose one above 1023 with --port.\n`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${JSON.stringify(host)} is no address of this machine: --host takes 127.0.0.1, ::1 or 0.0.0.0, for example.\n`;
    default:
      return `Could not listen on the port ${port} (${code}).\n`;
  }
}

import { explainListenError } from '../adapters/listen-error.ts';
import { inSentences } from '../domain/explanation.ts';

/** Why a command could not listen where its options say, and what to do. Ends with a line break. */
export function listenErrorText(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const place = { host, port, hostSetting: '--host', portSetting: '--port' };
  return `${inSentences({ what: explainListenError(error, place) })}\n`;
}

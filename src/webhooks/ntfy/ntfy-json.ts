/*
 * The JSON of a message of ntfy. The words in it come from ntfy-message.ts.
 *
 * ntfy makes headers of all fields but the message, and decodes the encoded words of RFC 2047 in them
 * (docs.ntfy.sh/publish, "Message title"): `=?UTF-8?B?...?=`. They would bring back what was removed
 * from a stranger's text.
 */

/** The JSON of a message: docs.ntfy.sh/publish, "Publish as JSON". */
export interface NtfyMessage {
  readonly title: string;
  readonly message: string;
  /** From 1 (lowest) to 5; 3 if it is absent. */
  readonly priority?: number;
  /** Names of emojis, which the app shows before the title. */
  readonly tags?: readonly string[];
  /** The link that a tap opens. */
  readonly click?: string;
  readonly actions?: readonly NtfyAction[];
}

interface NtfyAction {
  readonly action: 'view';
  readonly label: string;
  readonly url: string;
}

// docs.ntfy.sh/publish, "Limitations": a longer message arrives as a file. Of JSON, ntfy reads twice
// as many bytes (github.com/binwiederhier/ntfy, server/server.go, "transformBodyJSON").
const MESSAGE_BYTES = 4_096;
const JSON_BYTES = 2 * MESSAGE_BYTES;

/** Returns a message's JSON. ntfy takes it at the root of its server. */
export function ntfyJson(message: NtfyMessage, topic: string): string {
  return JSON.stringify({ topic, ...message, title: literalInHeader(message.title) });
}

/** Returns whether a message arrives as a notification. */
export function fitsNtfy(message: NtfyMessage, topic: string): boolean {
  return (
    Buffer.byteLength(message.message) <= MESSAGE_BYTES &&
    Buffer.byteLength(ntfyJson(message, topic)) <= JSON_BYTES
  );
}

/** Returns the topic that a URL names: its whole path. */
export function topicOf({ pathname }: URL): string {
  return pathname.replaceAll('/', '');
}

/** Returns a button that opens a link. */
export function viewAction(label: string, url: string): NtfyAction {
  return { action: 'view', label, url: linkInHeader(url) };
}

/** Returns a link without encoded words. */
export function linkInHeader(link: string): string {
  return link.replaceAll('=?', '=%3F');
}

function literalInHeader(text: string): string {
  return text.replaceAll(/=(?=\?)/g, '=\u2060');
}

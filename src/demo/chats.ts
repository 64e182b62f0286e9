import type { JsonObject } from '../domain/mention.ts';
import { ALERT_TITLES } from '../webhooks/alert-words.ts';

/** The chats whose webhooks the inbox imitates. */
export const CHAT_NAMES = ['slack', 'discord', 'teams'] as const;
export type ChatName = (typeof CHAT_NAMES)[number];

/** A status and a body. */
export type Answer = readonly [status: number, words: string];

/** A service's answers, and how to count the mentions in one of its messages. */
export interface Chat {
  readonly accepts: Answer;
  /** The answer to a body that is not a JSON object. */
  readonly refuses: Answer;
  /** Returns the answer to a message without content, or null if it has content. */
  readonly finds: (message: JsonObject) => Answer | null;
  readonly mentionsIn: (message: JsonObject) => number;
}

export const CHATS: Readonly<Record<ChatName, Chat>> = {
  // docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors".
  slack: {
    accepts: [200, 'ok'],
    refuses: [400, 'invalid_payload'],
    finds: ({ text, blocks }) =>
      typeof text !== 'string' && !Array.isArray(blocks) ? [400, 'no_text'] : null,
    // A message of several mentions has a header for each; an alert has a title of its own.
    mentionsIn: ({ blocks }) => {
      const headers = objects(blocks).filter(({ type }) => type === 'header');
      const isAlert = headers.some(({ text }) => isTitle((text as JsonObject | null)?.['text']));
      return isAlert ? 0 : Math.max(1, headers.length);
    },
  },
  // docs.discord.com/developers/resources/webhook, "Execute Webhook", with `wait=true`.
  discord: {
    accepts: [200, '{"type":0}'],
    refuses: [400, '{"message":"The request body contains invalid JSON.","code":50109}'],
    finds: ({ content, embeds }) =>
      typeof content !== 'string' && !Array.isArray(embeds)
        ? [400, '{"message":"Cannot send an empty message","code":50006}']
        : null,
    mentionsIn: ({ content, embeds }) =>
      isTitle(String(content).replaceAll('**', '')) ? 0 : Math.max(1, objects(embeds).length),
  },
  // A flow answers before it reads the message.
  teams: {
    accepts: [202, ''],
    refuses: [202, ''],
    finds: () => null,
    mentionsIn: ({ attachments }) => {
      const [card] = objects(attachments).map(({ content }) => content as JsonObject | null);
      const elements = objects(card?.['body']);
      if (elements.some(({ text }) => isTitle(text))) return 0;
      return Math.max(1, elements.filter(({ separator }) => separator === true).length);
    },
  },
};

function isTitle(text: unknown): boolean {
  return ALERT_TITLES.some((title) => title === text);
}

function objects(list: unknown): readonly JsonObject[] {
  return Array.isArray(list)
    ? list.filter((each): each is JsonObject => typeof each === 'object' && each !== null)
    : [];
}

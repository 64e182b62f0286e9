import { expect } from 'vitest';
import { z } from 'zod';
import { expectHarmless } from '../harmless-text.ts';

// ntfy's documented limits: docs.ntfy.sh/publish, "Publish as JSON", "Limitations" and "Action
// buttons"; that of the JSON: github.com/binwiederhier/ntfy, server/server.go, "transformBodyJSON".
// Other fields are refused: look up what they do before you add them.
const MAX_MESSAGE_BYTES = 4_096;
const MAX_JSON_BYTES = 8_192;
const MAX_ACTIONS = 3;
// In a header, where ntfy decodes encoded words of RFC 2047.
const link = z.url({ protocol: /^https?$/ }).regex(/^(?!.*=\?)/);

const message = z.strictObject({
  topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/),
  title: z
    .string()
    .min(1)
    .regex(/^[^\n]*$/)
    .regex(/^(?!.*=\?)/),
  message: z.string().min(1),
  priority: z.int().min(1).max(5).optional(),
  tags: z
    .array(z.string().regex(/^[a-z_]+$/))
    .min(1)
    .optional(),
  click: link.optional(),
  actions: z
    .array(
      z.strictObject({
        action: z.literal('view'),
        label: z.enum(['Open post', 'Open profile']),
        url: link,
      }),
    )
    .min(1)
    .max(MAX_ACTIONS)
    .optional(),
});

export type ShownNotification = z.infer<typeof message>;

/** Asserts that ntfy would accept a message, and shows it as a notification, not as a file. */
export function expectNtfyMessage(body: string): ShownNotification {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_JSON_BYTES);
  const parsed = message.parse(JSON.parse(body));
  expect(Buffer.byteLength(parsed.message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expectHarmless(parsed.title);
  expectHarmless(parsed.message);
  return parsed;
}

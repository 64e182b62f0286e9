import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import { expect } from 'vitest';
import { z } from 'zod';
import { expectAuthor, expectHarmless, expectKeyword, type Deliveries } from '../harmless-text.ts';

// The renderer's module for Node: its ES modules leave out what Node needs of a path.
const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof AdaptiveCards;

/**
 * 28 KB: learn.microsoft.com/connectors/teams, "Known issues and limitations with actions". Counted
 * in UTF-16, as learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 * says, and in UTF-8, as it is sent.
 */
const TEAMS_MESSAGE_BYTES = 28 * 1024;

const spacing = z.enum(['None', 'Small', 'Large']).optional();
const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string().min(1),
  wrap: z.literal(true),
  weight: z.literal('Bolder').optional(),
  size: z.enum(['Small', 'Medium']).optional(),
  color: z.enum(['Attention', 'Warning', 'Good', 'Accent']).optional(),
  isSubtle: z.literal(true).optional(),
  spacing,
});
const richTextBlock = z.strictObject({
  type: z.literal('RichTextBlock'),
  inlines: z
    .array(
      z.strictObject({
        type: z.literal('TextRun'),
        text: z.string().min(1),
        weight: z.literal('Bolder').optional(),
        size: z.enum(['Small', 'Medium']).optional(),
        isSubtle: z.literal(true).optional(),
        selectAction: z
          .strictObject({
            type: z.literal('Action.OpenUrl'),
            url: z.url({ protocol: /^https?$/ }),
          })
          .optional(),
      }),
    )
    .min(1),
  spacing,
});
const factSet = z.strictObject({
  type: z.literal('FactSet'),
  facts: z.array(z.strictObject({ title: z.string().min(1), value: z.string().min(1) })).min(1),
});
const actionSet = z.strictObject({
  type: z.literal('ActionSet'),
  actions: z
    .array(
      z.strictObject({
        type: z.literal('Action.OpenUrl'),
        title: z.string().min(1),
        url: z.url({ protocol: /^https?$/ }),
      }),
    )
    .min(1),
});
const container = z.strictObject({
  type: z.literal('Container'),
  style: z.literal('emphasis').optional(),
  separator: z.literal(true).optional(),
  spacing,
  get items() {
    return z.array(element).min(1);
  },
});
// Other elements are refused: look up what Teams interprets in them before you add them.
const element: z.ZodType<TeamsCheckedElement> = z.discriminatedUnion('type', [
  textBlock,
  richTextBlock,
  factSet,
  actionSet,
  container,
]);
type Run = z.infer<typeof richTextBlock>['inlines'][number];
type TeamsCheckedElement =
  | z.infer<typeof textBlock>
  | z.infer<typeof richTextBlock>
  | z.infer<typeof factSet>
  | z.infer<typeof actionSet>
  | { readonly type: 'Container'; readonly items: readonly TeamsCheckedElement[] };

const message = z.strictObject({
  type: z.literal('message'),
  summary: z.string().min(1),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: z.literal('AdaptiveCard'),
        version: z.literal('1.2'),
        fallbackText: z.string().min(1),
        msteams: z.strictObject({ width: z.literal('Full') }),
        body: z.array(element).min(1),
      }),
    }),
  ]),
});

export interface ShownCard {
  readonly fallbackText: string;
  /** The texts and links of the card, one per line. */
  readonly lines: readonly string[];
}

const TIME = /\{\{DATE\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, SHORT\)\}\} at \{\{TIME\([^)]*\)\}\}/g;
// The beginnings of formatting or a link in a TextBlock, which is Markdown.
const MARKDOWN = /[[\]*_`<>#~]|\{\{|^\s*(?:[-+]|\d+\.)\s/m;

/**
 * Asserts that Teams would accept a message and interprets nothing in it but our own words, times and
 * link: its size; its card, by Microsoft's own renderer for the version in it; no Markdown where it is
 * read; no mention and no function in literal text; only authors as links, and only keywords in bold.
 *
 * @param deliveries - those that the message was made of
 * @param ping - the id of the person who is mentioned in the first element; nobody else may be
 */
export function expectTeamsMessage(
  body: string,
  deliveries?: Deliveries,
  ping?: string,
): ShownCard {
  expect(Math.max(2 * body.length, Buffer.byteLength(body))).toBeLessThanOrEqual(
    TEAMS_MESSAGE_BYTES,
  );
  const { summary, attachments } = message.parse(withoutMention(JSON.parse(body), ping));
  const [{ content }] = attachments;
  expect(rendererErrors(content)).toEqual([]);
  for (const text of [summary, content.fallbackText]) {
    expectHarmless(text);
    expect(text).not.toMatch(/[@#<](?!\u2060)|\]\(|`/);
  }
  for (const run of content.body.flatMap(runsOf)) {
    if (run.selectAction !== undefined) expectAuthor(withoutJoiners(run.text), deliveries);
    // A title is a paragraph of its own.
    if (run.weight !== undefined && run.among > 1) {
      expectKeyword(withoutJoiners(run.text), deliveries);
    }
  }
  const lines = content.body.flatMap(linesOf);
  for (const line of lines) expectHarmless(line);
  return { fallbackText: content.fallbackText, lines };
}

/** Asserts that a message mentions just this person, and returns it without that. */
function withoutMention(whole: unknown, id: string | undefined): unknown {
  if (id === undefined) return whole;
  const text = `<at>${id}</at>`;
  const copy = structuredClone(whole) as {
    readonly attachments: readonly [{ readonly content: { msteams: object; body: unknown[] } }];
  };
  const { content } = copy.attachments[0];
  const entities = [{ type: 'mention', text, mentioned: { id, name: id } }];
  expect(content.msteams).toEqual({ width: 'Full', entities });
  expect(content.body.shift()).toEqual({ type: 'TextBlock', text, wrap: true });
  content.msteams = { width: 'Full' };
  return copy;
}

/** Returns the literal texts of an element, each with the number of those in its paragraph. */
function runsOf(part: TeamsCheckedElement): readonly (Run & { readonly among: number })[] {
  if (part.type === 'Container') return part.items.flatMap(runsOf);
  if (part.type !== 'RichTextBlock') return [];
  return part.inlines.map((run) => ({ ...run, among: part.inlines.length }));
}

function withoutJoiners(text: string): string {
  return text.replaceAll('\u2060', '');
}

function rendererErrors(content: unknown): readonly string[] {
  const context = new SerializationContext(Versions.v1_2);
  const card = new AdaptiveCard();
  card.parse(content, context);
  const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at));
  return [
    ...events.map(({ message: text }) => text),
    ...card.validateProperties().validationEvents.map(({ message: text }) => text),
  ];
}

function linesOf(part: TeamsCheckedElement): readonly string[] {
  switch (part.type) {
    case 'TextBlock':
      expect(part.text.replaceAll(TIME, 'then')).not.toMatch(MARKDOWN);
      return [part.text];
    case 'RichTextBlock': {
      const text = part.inlines.map((run) => run.text).join('');
      expect(text).not.toMatch(/<\/?at\b|\{\{/i);
      return [text];
    }
    case 'FactSet':
      for (const { value } of part.facts) {
        expect(value.replaceAll(TIME, 'then')).not.toMatch(MARKDOWN);
      }
      return part.facts.map(({ title, value }) => `${title}: ${value}`);
    case 'ActionSet':
      return part.actions.map(({ title, url }) => `${title}: ${url}`);
    case 'Container':
      return part.items.flatMap(linesOf);
  }
}

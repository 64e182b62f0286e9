import type { Delivery } from '../domain/delivery.ts';
import { teamsElements } from './teams-card.ts';
import type { TeamsElement } from './teams-elements.ts';
import { utcText } from './utc-text.ts';

/**
 * How a delivery's card looks in Teams, as lines of text: what stands in its elements, with times in
 * UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function teamsAsText(delivery: Delivery): string[] {
  return teamsElements(delivery).flatMap(linesOf);
}

function linesOf(element: TeamsElement): string[] {
  switch (element.type) {
    case 'TextBlock':
      return [plain(element.text)];
    case 'RichTextBlock':
      return element.inlines
        .map(({ text }) => text.replaceAll('\u2060', ''))
        .join('')
        .split('\n');
    case 'Container':
      return element.items.flatMap(linesOf);
    case 'FactSet':
      return element.facts.map(({ title, value }) => `${title}: ${plain(value)}`);
    case 'ActionSet':
      return element.actions.map(({ title, url }) => `${title}: ${url}`);
  }
}

function plain(text: string): string {
  return text.replaceAll(/\{\{DATE\(([^,]*), SHORT\)\}\} at \{\{TIME\([^)]*\)\}\}/g, (_, time) =>
    utcText(Date.parse(String(time))),
  );
}

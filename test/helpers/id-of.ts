import type { Delivery } from '../../src/domain/delivery.ts';

/** What tells a delivery from another: a mention's id, a recovered mention's link, an alert's type. */
export function idOf(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'mention':
      return delivery.mention.id;
    case 'recovered':
      return delivery.mention.link;
    case 'alert':
      return delivery.alert.type;
  }
}

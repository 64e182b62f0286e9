import type { MentionText } from '../account.ts';

/** Texts of people in a group of estate agents and investors. */
export const REAL_ESTATE_TEXTS: readonly MentionText[] = [
  {
    keyword: 'looking for an agent',
    position: 'post',
    text: 'I have a couple relocating to {city} in the spring, looking for an agent who knows the school districts. 25% referral, pre-approved, budget up to $650k.',
  },
  {
    keyword: 'looking for an agent',
    position: 'post',
    text: 'Looking for an agent in {city}! Seller, 3 bed / 2 bath, wants to list within {count} weeks 🏡',
  },
  {
    keyword: 'looking for an agent',
    position: 'comment',
    text: 'My sister is looking for an agent over there as well, can you take two?',
  },
  {
    keyword: 'property manager',
    position: 'post',
    text: 'Who do you use as a property manager in {city}? {count} doors, all single family. The current one takes 10% + one month for each new lease and never picks up the phone.',
  },
  {
    keyword: 'property manager',
    position: 'post',
    text: `Long post, sorry, but I need advice from people who have been through this.

I own {count} units in {city} and live four hours away. My property manager raised the fee twice this year, and last week I learned from a tenant (!) that a leak under the kitchen sink was reported in January. It is now a $9,400 repair: subfloor, cabinets, and the ceiling of the unit below.

I asked for the maintenance log. What I got was a spreadsheet with three rows & the words "monitoring situation". The contract says 60 days' notice, unless there is "gross neglect", which I think this is, but I would rather spend the money on the repair than on a lawyer.

So, two questions:
1) Has anyone got out of such a contract early, and how?
2) Can you recommend a company that sends photos after each visit and answers within a day? I am happy to pay 9% for somebody who actually cares. References from owners who live out of town would be perfect.

Thank you for reading this far. I will post how it ends, so that it helps the next person.`,
  },
  {
    keyword: 'property manager',
    position: 'post',
    text: 'Ищу property manager в {city}: две квартиры, сдаю надолго, сам живу за границей. Кого посоветуете?',
    names: ['Дмитрий К.', 'Алексей В.', 'Павел С.'],
  },
  {
    keyword: 'property manager',
    position: 'comment',
    text: 'We are a small property manager in {city} & surroundings, 140 doors, flat fee. Message me and I will send you three owners you can call.',
  },
  {
    keyword: 'property manager',
    position: 'link',
    text: 'The fee table that everyone keeps asking me for: https://guides.example.net/property-manager-fees',
  },
  {
    keyword: 'mortgage broker',
    position: 'post',
    text: 'Need a mortgage broker who has closed self-employed buyers, two years of returns, 15% down. {city} area. Bank said no this morning 😔',
  },
  {
    keyword: 'mortgage broker',
    position: 'post',
    text: 'Καλησπέρα σε όλους! Ψάχνω mortgage broker για αγορά πρώτης κατοικίας. Έχετε κάποιον να προτείνετε;',
    names: ['Ελένη Π.', 'Νίκος Α.', 'Μαρία Κ.'],
  },
  {
    keyword: 'mortgage broker',
    position: 'comment',
    text: 'Ask a mortgage broker before the bank, mine found a rate 0.6 lower in two days.',
  },
  {
    keyword: 'mortgage broker',
    position: 'post',
    text: `Hola a todos 👋 Busco un mortgage broker que hable español en {city}.
Primera casa, ingresos estables, crédito de 700+.
¡Gracias!`,
    names: ['Lucía R.', 'Mateo G.', 'Inés V.'],
  },
  {
    keyword: 'investment property',
    position: 'post',
    text: 'First investment property: duplex in {city}, asking $389k, rents $1,750 + $1,600. Does this pencil out for anyone here? Who would you call first?',
  },
  {
    keyword: 'investment property',
    position: 'post',
    text: `Selling my investment property off market:
* {count} units, {city}
* gross $11,200/mo
* new roof & boilers
* price < last appraisal

Agents welcome, buyer's side is paid.`,
  },
  {
    keyword: 'investment property',
    position: 'comment',
    text: 'Interested! We close on an investment property about once a quarter, cash, no inspection games. How do I reach you?',
  },
  {
    keyword: 'investment property',
    position: 'link',
    text: 'Numbers are in the sheet, tell me what I am missing 🤓 https://files.example.com/investment-property-calculator',
  },
];

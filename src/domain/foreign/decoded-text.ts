import { decodeHTMLStrict } from 'entities/decode';

/**
 * Decodes the HTML entities of a text once: `&amp;lt;` becomes `&lt;`. Only references that end in a
 * semicolon count: `&copy=1` in a link stays. A number that is no character becomes U+FFFD. The result
 * is as foreign as the text: it still has to be made readable and escaped.
 */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTMLStrict(text.replace(SURROGATES, unitOf)) : text;
}

// An encoder that takes UTF-16 units for characters writes an emoji as two references.
const SURROGATES = /&#(xd[89a-f][\da-f]{2}|5[5-7]\d{3});/gi;

function unitOf(reference: string, number: string): string {
  const unit = Number(`0${number}`);
  return unit >= 0xd800 && unit <= 0xdfff ? String.fromCharCode(unit) : reference;
}

/** The part of `discord-api-spec` that is used here: the package has no types for its schemas. */
declare module 'discord-api-spec/zod' {
  export const IncomingWebhookRequestPartialSchema: { parse(message: unknown): unknown };
}

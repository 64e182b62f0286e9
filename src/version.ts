/** The version of this release; a test holds it to package.json. */
export const VERSION = '0.1.0';

/** The name by which the relay introduces itself to the API and to receivers. */
export const USER_AGENT = `mention-relay/${VERSION}`;

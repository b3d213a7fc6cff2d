/** Longer texts are not checked while they are typed. UTF-16 code units. Apart from the schemas, which the web view does not load. */
export const MOST_ASKED = 100_000;
/** What `startFrom` is asked for where a file has no text yet: a flow without steps. */
export const BLANK_START = 'blank';

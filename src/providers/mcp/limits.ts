/** What a server may take up. Servers are strangers: whatever they send is bounded before it is kept. */
export interface McpLimits {
  /** Of one message, in bytes. A longer one ends the connection. */
  messageBytes: number;
  /** Sent without answering anything, in bytes: beyond it a server is taken to flood. */
  unansweredBytes: number;
  /** Lines on a program's output that are no messages. */
  garbageLines: number;
  /** Kept of what a program says on its standard error, in bytes. */
  stderrBytes: number;
  tools: number;
  /** Of a tool's description, in characters. */
  descriptionChars: number;
  /** Of a result's texts, in characters: the rest is left out, with a mark. */
  textChars: number;
  /** Of a result's images, base64 characters together. */
  imageChars: number;
  /** Of a structured result as JSON, in characters. */
  structuredChars: number;
  /** Until a server has introduced itself, in ms. */
  connectMs: number;
  /** Until a server has listed its tools, in ms. */
  listMs: number;
  /** A call without any sign of progress, in ms. */
  quietMs: number;
  /** A call in all, in ms. */
  callMs: number;
  /** How long a connection that nobody uses is kept, in ms. */
  idleMs: number;
  /** How long a program may take to end by itself, in ms. */
  graceMs: number;
  /** Waits before a server that could not be reached is tried again, in ms. */
  backOffMs: readonly number[];
}

export const MCP_LIMITS: McpLimits = {
  messageBytes: 10_485_760,
  unansweredBytes: 67_108_864,
  garbageLines: 1000,
  stderrBytes: 8192,
  tools: 500,
  descriptionChars: 4000,
  textChars: 500_000,
  imageChars: 8_000_000,
  structuredChars: 1_000_000,
  connectMs: 30_000,
  listMs: 30_000,
  quietMs: 300_000,
  callMs: 1_800_000,
  idleMs: 300_000,
  graceMs: 1500,
  backOffMs: [500, 2000],
};

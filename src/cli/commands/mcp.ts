import { randomBytes } from 'node:crypto';
import type { RunMode } from '../../engine/run/events.ts';
import type { CliContext, DrivingOptions } from '../context.ts';
import { allowServers } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import type { CallOptions } from '../mcp/serve.ts';
import { chooseRoot } from '../root.ts';
import { harmless } from '../text.ts';

export interface McpOptions extends DrivingOptions {
  /** A port on loopback; 0: any that is free. Without it: the standard input and output. */
  http?: number;
  mode?: RunMode;
  model?: string;
}

/** Offers the flows of the root as tools of an MCP server, until its client leaves or it is interrupted. Throws what finding a root throws, and `PORT_TAKEN`. */
export async function mcp({ http, mode, model, ...options }: McpOptions, context: CliContext, version: string): Promise<Exit> {
  const { terminal, cwd } = context;
  const workspace = await context.open(chooseRoot(options.root, cwd, cwd));
  // The output belongs to the protocol.
  allowServers(workspace, { ...options, json: true });
  const stops: (() => void)[] = [];
  const call: CallOptions = {
    workspace,
    version,
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    note: (message) => terminal.complain(harmless(`belay mcp: ${message}`)),
    onEnd: (listener) => void stops.push(context.onInterrupt(listener)),
  };
  try {
    if (http === undefined) {
      const { serveOnStdio } = await import('../mcp/stdio-server.lazy.ts');
      await serveOnStdio(call);
    } else {
      const { serveOnHttp } = await import('../mcp/http-server.lazy.ts');
      const token = context.mcpToken ?? randomBytes(24).toString('base64url');
      const onReady = (url: string): void => {
        terminal.complain(`Serving the flows of ${workspace.root} at\n  ${url}`);
        if (context.mcpToken === undefined) terminal.complain(`  Authorization: Bearer ${token}`);
      };
      await serveOnHttp({ ...call, port: http, token, onReady });
    }
  } finally {
    for (const stop of stops) stop();
  }
  return 'ok';
}

/** What can go wrong with MCP servers, in words that say what to do. */
import { BelayError } from '../../engine/errors.ts';
import { visible } from './text.ts';

/**
 * Before anything was asked of the server. `details`: what it said on its standard error. Of the kind `overloaded`: it may be tried again,
 * and no step is in doubt because of it, as none has begun.
 */
export function unreachable(server: string, reason: string, more: { stderr?: string; cause?: unknown; hint?: string } = {}): BelayError {
  const stderr = visible(more.stderr ?? '', 2000);
  const said = stderr === '' ? '' : `\nIt said:\n${stderr}`;
  return new BelayError('MCP_UNREACHABLE', `The MCP server "${server}" could not be reached: ${visible(reason, 500)}${said}`, {
    hint: more.hint ?? 'See whether its program or address is right and whether it runs by itself.',
    kind: 'overloaded',
    details: { server, ...(stderr === '' ? {} : { stderr }) },
    cause: more.cause,
  });
}

export function notFound(server: string, command: string): BelayError {
  return new BelayError('MCP_NOT_FOUND', `There is no program "${command}" for the MCP server "${server}".`, {
    hint: 'Install it, or correct "command"; programs are looked for in PATH.',
    kind: 'notFound',
    details: { server, command },
  });
}

export function invalidServer(server: string, reason: string): BelayError {
  return new BelayError('MCP_SERVER_INVALID', `The MCP server "${server}" cannot be used: ${reason}`, {
    hint: 'Correct its entry in the flow, or in .vscode/mcp.json.',
    kind: 'badRequest',
    details: { server },
  });
}

export function notAllowed(server: string, what: string, how: string): BelayError {
  return new BelayError('MCP_NOT_ALLOWED', `The MCP server "${server}" (${what}) has not been allowed.`, {
    hint: how,
    kind: 'permission',
    details: { server },
  });
}

export function unauthorized(server: string, reason: string, cause?: unknown): BelayError {
  return new BelayError('MCP_UNAUTHORIZED', `The MCP server "${server}" wants to know who you are: ${visible(reason, 500)}`, {
    hint: 'Sign in where you are asked to, or give the key it wants in its "headers".',
    kind: 'auth',
    details: { server },
    cause,
  });
}

/** The connection broke while something was asked: whether it happened is not known. */
export function connectionLost(server: string, reason: string, more: { stderr?: string; cause?: unknown } = {}): BelayError {
  const stderr = visible(more.stderr ?? '', 2000);
  const said = stderr === '' ? '' : `\nIt said:\n${stderr}`;
  return new BelayError('MCP_LOST', `The connection to the MCP server "${server}" was lost: ${visible(reason, 500)}${said}`, {
    hint: 'Try again; the next call starts or reaches the server anew.',
    kind: 'network',
    details: { server, ...(stderr === '' ? {} : { stderr }) },
    cause: more.cause,
  });
}

export function toolUnknown(name: string, more = ''): BelayError {
  return new BelayError('TOOL_UNKNOWN', `There is no tool "${name}" here.${more === '' ? '' : ` ${more}`}`, {
    hint: 'Correct the name, or add the MCP server that has it.',
    kind: 'notFound',
    details: { tool: name },
  });
}

export function toolUnavailable(name: string, reason: string): BelayError {
  return new BelayError('TOOL_UNAVAILABLE', `The tool "${name}" cannot be used: ${reason}`, {
    hint: 'The MCP server that offers it has to be corrected.',
    kind: 'badRequest',
    details: { tool: name },
  });
}

export function toolFailed(name: string, reason: string, kind: 'badRequest' | 'unknown', cause: unknown): BelayError {
  return new BelayError('TOOL_FAILED', `The tool "${name}" was refused by its server: ${visible(reason, 1000)}`, {
    hint: 'Correct the arguments, or see what the server says.',
    kind,
    details: { tool: name },
    cause,
  });
}

export function toolTimeout(name: string, seconds: number, cause: unknown): BelayError {
  return new BelayError('TOOL_TIMEOUT', `The tool "${name}" did not answer within ${seconds} s.`, {
    hint: 'Try again, or ask for less at a time.',
    kind: 'timeout',
    details: { tool: name },
    cause,
  });
}

export function resultTooLarge(name: string, what: string): BelayError {
  return new BelayError('TOOL_RESULT_TOO_LARGE', `The tool "${name}" answered with more than is taken in: ${what}.`, {
    hint: 'Ask for less at a time.',
    kind: 'badRequest',
    details: { tool: name },
  });
}

export function resultInvalid(name: string, problems: readonly string[]): BelayError {
  return new BelayError(
    'TOOL_RESULT_INVALID',
    `The tool "${name}" answered with something its own schema forbids: ${visible(problems.join('; '), 1000)}`,
    {
      hint: 'The MCP server has a defect; report it to whoever made it.',
      kind: 'invalidOutput',
      details: { tool: name },
    },
  );
}

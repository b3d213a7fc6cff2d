import type { ModelProvider } from '../../engine/ports.ts';
import { createAnthropic } from './anthropic/messages.ts';
import type { Connection } from './connection.ts';
import { dialectOf } from './connection.ts';
import { createChatCompletions } from './openai/chat.ts';
import { createResponses } from './openai/responses.ts';

/** The provider of a connection, by what its service speaks. The SDK is loaded at the first call. Throws `CONNECTION_INVALID`. */
export function createProvider(connection: Connection): ModelProvider {
  const dialect = dialectOf(connection);
  switch (dialect) {
    case 'chat':
      return createChatCompletions(connection);
    case 'responses':
      return createResponses(connection);
    case 'anthropic':
      return createAnthropic(connection);
    default:
      return dialect satisfies never;
  }
}

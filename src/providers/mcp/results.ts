/** What a tool answered, bounded, as the engine takes it and checks it. */
import type { CallToolResult } from '@modelcontextprotocol/client';
import type { Json } from '../../engine/format/json.ts';
import type { ImagePart, TextPart, ToolResult } from '../../engine/ports.ts';
import { resultTooLarge } from './errors.ts';
import type { McpLimits } from './limits.ts';
import { wellFormed } from './text.ts';

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** @throws `TOOL_RESULT_TOO_LARGE` */
export function toolResult(name: string, result: CallToolResult, limits: McpLimits): ToolResult {
  const content = partsOf(result.content, limits);
  const failed = result.isError === true;
  const structured = structuredOf(name, result.structuredContent, limits);
  return { content, ...(structured === undefined ? {} : { structured }), ...(failed ? { failed: true } : {}) };
}

function structuredOf(name: string, value: unknown, limits: McpLimits): Json | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  if (text.length > limits.structuredChars) throw resultTooLarge(name, `${text.length} characters of data`);
  return JSON.parse(text) as Json;
}

function partsOf(blocks: CallToolResult['content'], limits: McpLimits): (TextPart | ImagePart)[] {
  const parts: (TextPart | ImagePart)[] = [];
  let text = limits.textChars;
  let images = limits.imageChars;
  const say = (words: string): void => {
    if (text <= 0) return;
    const whole = wellFormed(words);
    const kept = whole.length <= text ? whole : `${wellFormed(whole.slice(0, text))}\n… ${whole.length - text} characters left out …`;
    text -= whole.length;
    parts.push({ type: 'text', text: kept });
  };
  for (const block of blocks) {
    switch (block.type) {
      case 'text':
        say(block.text);
        break;
      case 'image':
        if (!IMAGES.has(block.mimeType) || block.data.length > images)
          say(`[An image (${block.mimeType}, ${block.data.length} characters of base64) is left out.]`);
        else {
          images -= block.data.length;
          parts.push({ type: 'image', mediaType: block.mimeType, data: block.data });
        }
        break;
      case 'audio':
        say(`[Sound (${block.mimeType}) is left out.]`);
        break;
      case 'resource_link':
        say(`[Resource "${block.name}": ${block.uri}]`);
        break;
      case 'resource':
        if ('text' in block.resource) say(block.resource.text);
        else say(`[The resource ${block.resource.uri} (${block.resource.mimeType ?? 'bytes'}) is left out.]`);
        break;
      default:
        block satisfies never;
    }
  }
  return parts;
}

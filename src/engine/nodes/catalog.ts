/** Every node type of the format. Browser-safe: the editor draws its palette and forms from it. */
import type { JsonSchema } from '../format/json.ts';
import type { NodeCatalog, NodeManifest } from '../format/manifest.ts';
import { knowParams } from '../format/parse-words.ts';
import { agent } from './agent/manifest.ts';
import { approval } from './approval/manifest.ts';
import { branch } from './branch/manifest.ts';
import { command } from './command/manifest.ts';
import { each } from './each/manifest.ts';
import { end } from './end/manifest.ts';
import { file } from './file/manifest.ts';
import { flow } from './flow/manifest.ts';
import { http } from './http/manifest.ts';
import { loop } from './loop/manifest.ts';
import generatedParams from './params.generated.json' with { type: 'json' };
import { planned } from './planned.ts';
import { prompt } from './prompt/manifest.ts';
import { state } from './state/manifest.ts';
import { template } from './template/manifest.ts';
import { tool } from './tool/manifest.ts';
import { transform } from './transform/manifest.ts';
import { validate } from './validate/manifest.ts';
import { wait } from './wait/manifest.ts';

const built: readonly NodeManifest[] = [
  prompt,
  agent,
  template,
  transform,
  validate,
  state,
  branch,
  loop,
  each,
  flow,
  wait,
  end,
  approval,
  command,
  file,
  http,
  tool,
];

const generated: Readonly<Record<string, unknown>> = generatedParams;
for (const manifest of [...built, ...planned]) knowParams(manifest, generated[manifest.type] as JsonSchema | undefined);

/** In the order of the palette: what runs first, what is planned behind it. */

export const catalog: NodeCatalog = new Map([...built, ...planned].map((manifest) => [manifest.type, manifest]));

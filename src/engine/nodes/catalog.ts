/** Every node type of the format. Browser-safe: the editor draws its palette and forms from it. */
import type { NodeCatalog, NodeManifest } from '../format/manifest.ts';
import { approval } from './approval/manifest.ts';
import { branch } from './branch/manifest.ts';
import { command } from './command/manifest.ts';
import { file } from './file/manifest.ts';
import { planned } from './planned.ts';
import { prompt } from './prompt/manifest.ts';
import { template } from './template/manifest.ts';
import { validate } from './validate/manifest.ts';

const built: readonly NodeManifest[] = [prompt, template, branch, validate, approval, command, file];

/** In the order of the palette: what runs first, what is planned behind it. */
export const catalog: NodeCatalog = new Map([...built, ...planned].map((manifest) => [manifest.type, manifest]));

import type { NodeExecutor } from '../executor.ts';
import { optionalText } from '../params.ts';
import { reachedFile, templateInFile } from '../prompt-file.ts';

export const templateExecutor: NodeExecutor = {
  type: 'template',
  reaches: reachedFile,
  run(params, context) {
    const file = optionalText(params.file);
    const text = file === undefined ? (optionalText(params.template) ?? '') : context.render(templateInFile(file, context));
    return { outlet: 'success', output: { text } };
  },
};

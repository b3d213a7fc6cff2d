import type { ErrorData } from '../../engine/errors.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { Icon } from '../ui/elements.tsx';

/** The end of what a program wrote about its failure; empty where there is none. */
function stderrOf({ details }: ErrorData): string {
  const stderr = isJsonObject(details) ? details.stderr : undefined;
  return typeof stderr === 'string' ? stderr.trimEnd() : '';
}

/** What went wrong, and what to do next. */
export function ErrorView({ error }: { error: ErrorData }) {
  const stderr = stderrOf(error);
  return (
    <div className="run-error">
      <Icon name="error" />
      <div>
        <p>{error.message}</p>
        <p className="field-about">{error.hint}</p>
        {stderr !== '' && <pre className="value-text">{stderr}</pre>}
        <code>{error.code}</code>
      </div>
    </div>
  );
}

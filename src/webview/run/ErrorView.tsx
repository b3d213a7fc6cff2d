import type { ErrorData } from '../../engine/errors.ts';
import { Icon } from '../ui/elements.tsx';

/** What went wrong, and what to do next. */
export function ErrorView({ error }: { error: ErrorData }) {
  return (
    <div className="run-error">
      <Icon name="error" />
      <div>
        <p>{error.message}</p>
        <p className="field-about">{error.hint}</p>
        <code>{error.code}</code>
      </div>
    </div>
  );
}

/** A part of the inspector that can be folded away. */
import type { ReactNode } from 'react';
import { Icon } from '../ui/elements.tsx';

interface SectionProps {
  title: string;
  /** Beside the title: a count, a hint of what is set inside. */
  note?: string | undefined;
  open?: boolean;
  children: ReactNode;
}

export function Section({ title, note, open, children }: SectionProps) {
  return (
    <details className="section" open={open}>
      <summary>
        <Icon name="chevron-right" className="section-arrow" />
        <span className="section-title">{title}</span>
        {note !== undefined && note !== '' && <span className="section-note">{note}</span>}
      </summary>
      <div className="section-body">{children}</div>
    </details>
  );
}

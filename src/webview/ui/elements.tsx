/**
 * VS Code's look from `@vscode-elements/elements`, as React components with the few properties that are used here. The elements
 * are form controls with a shadow root: their events are told by listeners, because `change` does not bubble out of some of them.
 */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textarea/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { createElement, type ReactNode, useEffect, useRef } from 'react';

interface Valued extends HTMLElement {
  value: string;
}

/** Calls the newest `listener` for an event of the element. */
function useListener<E extends HTMLElement>(type: string, listener: (element: E) => void) {
  const element = useRef<E>(null);
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const tell = () => newest.current(target);
    target.addEventListener(type, tell);
    return () => target.removeEventListener(type, tell);
  }, [type]);
  return element;
}

interface ButtonProps {
  children: ReactNode;
  icon?: string;
  secondary?: boolean;
  disabled?: boolean;
  onClick(): void;
  title?: string;
  className?: string;
  /** For tests and styles. */
  name?: string;
}

export function Button({ children, icon, secondary, disabled, onClick, title, className, name }: ButtonProps) {
  return createElement(
    'vscode-button',
    {
      secondary: secondary === true,
      disabled: disabled === true,
      onClick: disabled ? undefined : onClick,
      title,
      class: className,
      'data-action': name,
    },
    icon ? <Icon key="icon" name={icon} slot="content-before" /> : null,
    children,
  );
}

/** A codicon. Decoration: whoever uses it says the same in words. */
export function Icon({ name, className, slot }: { name: string; className?: string; slot?: string }) {
  return <span className={`codicon codicon-${name}${className ? ` ${className}` : ''}`} aria-hidden="true" slot={slot} />;
}

interface IconButtonProps {
  icon: string;
  label: string;
  onClick(): void;
  disabled?: boolean;
  pressed?: boolean;
  /** Written beside the icon. */
  children?: ReactNode;
  className?: string;
  name?: string;
}

/** A quiet button of a toolbar, as in the title of a VS Code editor. */
export function IconButton({ icon, label, onClick, disabled, pressed, children, className, name }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button${className ? ` ${className}` : ''}`}
      aria-label={children === undefined ? label : undefined}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
      data-action={name}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}

interface TextProps {
  label: string;
  value: string;
  onInput(value: string): void;
  placeholder?: string | undefined;
  readonly?: boolean | undefined;
  invalid?: boolean | undefined;
}

export function TextField({ label, value, onInput, placeholder, readonly, invalid, type }: TextProps & { type?: 'text' | 'search' }) {
  const ref = useListener<Valued>('input', (element) => onInput(element.value));
  return createElement('vscode-textfield', {
    ref,
    label,
    value,
    placeholder,
    readonly: readonly === true,
    invalid: invalid === true,
    type: type ?? 'text',
    class: 'control',
  });
}

interface TextAreaProps extends TextProps {
  rows?: number;
  monospace?: boolean;
}

export function TextArea({ label, value, onInput, placeholder, readonly, invalid, rows, monospace }: TextAreaProps) {
  const ref = useListener<Valued>('input', (element) => onInput(element.value));
  return createElement('vscode-textarea', {
    ref,
    label,
    value,
    placeholder,
    readonly: readonly === true,
    invalid: invalid === true,
    rows: rows ?? 4,
    monospace: monospace === true,
    resize: 'vertical',
    class: 'control',
  });
}

export interface Choice {
  value: string;
  label: string;
}

interface SelectProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange(value: string): void;
  disabled?: boolean | undefined;
}

export function Select({ label, value, choices, onChange, disabled }: SelectProps) {
  const ref = useListener<Valued>('change', (element) => onChange(element.value));
  return createElement(
    'vscode-single-select',
    { ref, label, value, disabled: disabled === true, class: 'control' },
    choices.map((choice) =>
      createElement('vscode-option', { key: choice.value, value: choice.value, selected: choice.value === value }, choice.label),
    ),
  );
}

interface CheckboxProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean | undefined;
}

export function Checkbox({ label, checked, onChange, disabled }: CheckboxProps) {
  const ref = useListener<HTMLElement & { checked: boolean }>('change', (element) => onChange(element.checked));
  return createElement('vscode-checkbox', { ref, label, checked, disabled: disabled === true });
}

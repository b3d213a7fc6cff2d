/**
 * VS Code's controls, drawn by the browser's own form elements and styled in `styles/controls.css` with the theme's variables. No
 * library of custom elements: six controls of one weighed 110 KB of the editor, and each of them mounts a shadow root.
 */
import type { ReactNode } from 'react';

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
  return (
    <button
      type="button"
      className={`button${secondary ? ' secondary' : ''}${className ? ` ${className}` : ''}`}
      disabled={disabled === true}
      onClick={onClick}
      title={title}
      data-action={name}
    >
      {icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}

/** A codicon. Decoration: whoever uses it says the same in words. */
export function Icon({ name, className }: { name: string; className?: string }) {
  return <span className={`codicon codicon-${name}${className ? ` ${className}` : ''}`} aria-hidden="true" />;
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
  return (
    <input
      type={type ?? 'text'}
      className="control"
      aria-label={label}
      aria-invalid={invalid === true}
      value={value}
      placeholder={placeholder}
      readOnly={readonly === true}
      onChange={(event) => onInput(event.currentTarget.value)}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

interface TextAreaProps extends TextProps {
  rows?: number;
  monospace?: boolean;
}

export function TextArea({ label, value, onInput, placeholder, readonly, invalid, rows, monospace }: TextAreaProps) {
  return (
    <textarea
      className={`control${monospace ? ' monospace' : ''}`}
      aria-label={label}
      aria-invalid={invalid === true}
      value={value}
      placeholder={placeholder}
      readOnly={readonly === true}
      rows={rows ?? 4}
      onChange={(event) => onInput(event.currentTarget.value)}
      spellCheck={false}
    />
  );
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
  // What the document has stays to be seen where it is not among the choices.
  const all = choices.some((choice) => choice.value === value) ? choices : [{ value, label: value }, ...choices];
  return (
    <select
      className="control"
      aria-label={label}
      value={value}
      disabled={disabled === true}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {all.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

interface CheckboxProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean | undefined;
}

export function Checkbox({ label, checked, onChange, disabled }: CheckboxProps) {
  return (
    <label className="checkbox">
      <input type="checkbox" checked={checked} disabled={disabled === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

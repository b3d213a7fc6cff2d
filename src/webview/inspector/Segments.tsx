/** Two or three ways to write the same value, of which one is chosen. */
interface SegmentsProps<V extends string> {
  label: string;
  current: V;
  choices: readonly { value: V; label: string; disabled?: boolean }[];
  choose(value: V): void;
}

export function Segments<V extends string>({ label, current, choices, choose }: SegmentsProps<V>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own
    <div className="segments" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          className="segment"
          aria-pressed={choice.value === current}
          disabled={choice.disabled === true}
          onClick={() => choose(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

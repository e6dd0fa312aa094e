import './choice.css';
import { writeAddress } from './address.ts';

interface ChoiceProps {
  /** Its name in the address. */
  readonly name: string;
  readonly label: string;
  /** What is chosen when the address says nothing. */
  readonly unset: string;
  readonly chosen: string | null;
  readonly options: readonly (readonly [value: string, words: string])[];
}

/** A choice of the reader that is in the address. */
export function Choice({ name, label, unset, chosen, options }: ChoiceProps) {
  return (
    <label class="choice">
      {label}{' '}
      <select
        value={chosen ?? ''}
        onChange={({ currentTarget }) => writeAddress({ [name]: currentTarget.value || null })}
      >
        <option value="">{unset}</option>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

import { messages } from '../i18n/language.ts';
import { writeAddress } from '../parts/address.ts';
import { ALL, type Choice, GRANULARITIES, METRICS } from './choice.ts';
import { text } from './messages.ts';

/** Hardly anybody reports weeks; an address can still ask for them. */
const RARE = 'WEEK';

/** What is counted, of which periods, and how it is drawn. What is as without a choice is not in the address. */
export function Controls({ choice }: { readonly choice: Choice }) {
  const m = text.value;
  const { metrics } = messages.value;
  const { metric, by, from, to, isLog, isIndexed } = choice;
  return (
    <div class="controls">
      <label>
        {m.metric}
        <select
          value={metric ?? ''}
          onChange={({ currentTarget }) => writeAddress({ metric: currentTarget.value || null })}
        >
          <option value="">{m.asReported}</option>
          {METRICS.map((name) => (
            <option key={name} value={name}>
              {metrics[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {m.by}
        <select
          value={by}
          onChange={({ currentTarget: { value } }) => writeAddress({ by: value === 'MONTH' ? null : value })}
        >
          {GRANULARITIES.filter((name) => name !== RARE || by === RARE).map((name) => (
            <option key={name} value={name}>
              {m.granularities[name]}
            </option>
          ))}
        </select>
      </label>
      <Month name="from" label={m.from} value={from === ALL ? null : from} />
      <button
        type="button"
        aria-pressed={from === ALL}
        onClick={() => writeAddress({ from: from === ALL ? null : ALL })}
      >
        {m.all}
      </button>
      <Month name="to" label={m.to} value={to} />
      <Either name="scale" label={m.scale} off={m.linear} on={m.log} value="log" isOn={isLog} />
      <Either name="base" label={m.base} off={m.absolute} on={m.indexed} value="indexed" isOn={isIndexed} />
    </div>
  );
}

function Month({
  name,
  label,
  value,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | null;
}) {
  return (
    <label>
      {label}
      <input
        type="month"
        placeholder="2024-01"
        pattern="\d{4}-\d{2}"
        value={value ?? ''}
        onChange={({ currentTarget }) => writeAddress({ [name]: currentTarget.value || null })}
      />
    </label>
  );
}

interface EitherProps {
  readonly name: string;
  readonly label: string;
  readonly off: string;
  readonly on: string;
  /** What is in the address when it is on. */
  readonly value: string;
  readonly isOn: boolean;
}

function Either({ name, label, off, on, value, isOn }: EitherProps) {
  const choices = [
    [off, null],
    [on, value],
  ] as const;
  return (
    <fieldset class="either">
      <legend>{label}</legend>
      {choices.map(([words, written]) => (
        <label key={words}>
          <input
            type="radio"
            name={name}
            checked={isOn === (written !== null)}
            onChange={() => writeAddress({ [name]: written })}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

import { useQuery } from '@urql/preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { nameOf } from '../i18n/language.ts';
import { MOST_MAKERS } from './choice.ts';
import { text } from './messages.ts';
import { FIND, type Maker } from './series-query.ts';

/** A name is searched for so long after the last letter, in milliseconds. */
const SEARCH_AFTER = 150;

interface SearchProps {
  /** The slugs of those that are chosen already. */
  readonly chosen: readonly string[];
  readonly onChoose: (slug: string) => void;
}

/** Finds makers by their names while they are typed. Arrows go through what is found, Enter takes one, Escape closes the list. */
export function MakerSearch({ chosen, onChoose }: SearchProps) {
  const m = text.value;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, type] = useState('');
  const [active, activate] = useState(0);
  const [isOpen, open] = useState(false);
  const searched = useSettled(typed.trim());
  const [{ data, fetching, error }] = useQuery({ query: FIND, variables: { text: searched }, pause: searched === '' });
  const found = searched === '' ? [] : (data?.search ?? []).filter(({ slug }) => !chosen.includes(slug));
  const isShown = isOpen && searched !== '' && searched === typed.trim();
  const current = Math.min(active, found.length - 1);
  const isFull = chosen.length >= MOST_MAKERS;
  const choose = (maker: Maker | undefined): void => {
    if (maker === undefined) return;
    onChoose(maker.slug);
    type('');
    open(false);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      open(true);
      activate((current + step + found.length) % found.length);
    } else if (event.key === 'Enter' && isShown) {
      event.preventDefault();
      choose(found[current]);
    } else if (event.key === 'Escape') {
      open(false);
    }
  };
  return (
    <div class="search">
      <label for={id}>{m.add}</label>
      <input
        ref={input}
        id={id}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={m.addHint}
        disabled={isFull}
        aria-expanded={isShown && found.length > 0}
        aria-controls={`${id}-found`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.length > 0 ? `${id}-${current}` : undefined}
        value={typed}
        onInput={({ currentTarget }) => {
          type(currentTarget.value);
          activate(0);
          open(true);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => open(true)}
        onBlur={() => open(false)}
      />
      <div id={`${id}-found`} role="listbox" aria-label={m.makers} hidden={!isShown || found.length === 0}>
        {found.map((maker, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which keeps the focus
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={maker.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            // The input keeps the focus, so that the list is still there when the button is released.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(maker)}
          >
            {nameOf(maker)} <span class="quiet">{otherNameOf(maker)}</span>
          </div>
        ))}
      </div>
      <p class="quiet" role="status">
        {isFull ? m.full(MOST_MAKERS) : isShown && !fetching && resultOf(found.length, error !== undefined)}
      </p>
    </div>
  );
}

/** In words, what a search has brought. */
function resultOf(count: number, hasFailed: boolean): string {
  const m = text.value;
  if (hasFailed) return m.searchFailed;
  return count === 0 ? m.nobody : m.found(count);
}

/** The name in the other language, which tells a company from its brand of the same name as well as the slug does. */
function otherNameOf(maker: Maker): string {
  const other = nameOf(maker) === maker.name ? maker.nameZh : maker.name;
  return [other, maker.slug].filter((one) => one !== null).join(' · ');
}

/** A text once it has not changed for a moment. */
function useSettled(typed: string): string {
  const [settled, settle] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => settle(typed), SEARCH_AFTER);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}

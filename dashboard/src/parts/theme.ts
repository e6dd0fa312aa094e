import { effect, signal } from '@preact/signals';
import { keep, readKept } from './kept.ts';

const KEPT = 'milepost.theme';

/** The reader's choice; null: as the system has it. */
const theme = signal(read(readKept(KEPT)));
const system = matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = signal(system.matches);
system.addEventListener('change', () => {
  isSystemDark.value = system.matches;
});

export function isDark(): boolean {
  return theme.value === null ? isSystemDark.value : theme.value === 'dark';
}

export function switchTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
  keep(KEPT, theme.value);
}

effect(() => {
  if (theme.value !== null) document.documentElement.dataset.theme = theme.value;
});

function read(text: string | null): 'light' | 'dark' | null {
  return text === 'light' || text === 'dark' ? text : null;
}

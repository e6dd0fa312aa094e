import { effect, signal } from '@preact/signals';

const KEPT = 'milepost.theme';

/** The reader's choice; null: as the system has it. */
const theme = signal(read(localStorage.getItem(KEPT)));

export function isDark(): boolean {
  return theme.value === null ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
}

export function switchTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
  localStorage.setItem(KEPT, theme.value);
}

effect(() => {
  if (theme.value !== null) document.documentElement.dataset.theme = theme.value;
});

function read(text: string | null): 'light' | 'dark' | null {
  return text === 'light' || text === 'dark' ? text : null;
}

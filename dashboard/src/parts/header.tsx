import './header.css';
import { Link } from 'wouter-preact';
import { asOfDay } from '../api/as-of.ts';
import { ready } from '../api/changes.ts';
import { live } from '../api/live-state.ts';
import { clock } from '../format/time.ts';
import { chooseLanguage, language, messages } from '../i18n/language.ts';
import { pageAt } from './address.ts';
import { AsOfControl } from './as-of-control.tsx';
import { PageLink } from './page-link.tsx';
import { isDark, switchTheme } from './theme.ts';

/** The pages that the header leads to. */
const PAGES = [
  ['/', 'overview'],
  ['/table', 'table'],
  ['/compare', 'compare'],
  ['/contradictions', 'contradictions'],
  ['/targets', 'targets'],
  ['/about', 'about'],
] as const;

export function Header() {
  const m = messages.value;
  return (
    <header>
      <a class="skip" href="#content">
        {m.skip}
      </a>
      <Link class="name" href={pageAt('/')}>
        Milepost
      </Link>
      <nav aria-label={m.pages}>
        {PAGES.map(([to, name]) => (
          <PageLink key={to} to={to}>
            {m.pageNames[name]}
          </PageLink>
        ))}
        <a href="/graphql">{m.graphiql}</a>
      </nav>
      <AsOfControl />
      {asOfDay.value === null && <LiveState />}
      <button type="button" onClick={switchTheme}>
        {isDark() ? m.light : m.dark}
      </button>
      <button
        type="button"
        onClick={() => chooseLanguage(language.value === 'zh' ? 'en' : 'zh')}
        lang={language.value === 'zh' ? 'en' : 'zh-CN'}
      >
        {m.language}
      </button>
    </header>
  );
}

/** In words, whether the page follows the log, and since when it does not. */
function LiveState() {
  const m = messages.value;
  const state = live.state.value;
  const isPaused = state.name === 'paused';
  return (
    <p class={`live ${state.name}`} role="status">
      <span class="dot" aria-hidden="true" />
      {m.live[state.name]}
      {'since' in state && ready.value && <span class="quiet"> {m.liveSince(clock(state.since))}</span>}
      <button type="button" onClick={isPaused ? live.resume : live.pause}>
        {isPaused ? m.resume : m.pause}
      </button>
    </p>
  );
}

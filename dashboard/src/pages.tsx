import { useEffect, useRef } from 'preact/hooks';
import { Route, Switch, useLocation } from 'wouter-preact';
import { access } from './api/access.ts';
import { Lazy, type Load } from './lazy.tsx';
import { NotFound } from './not-found.tsx';
import { Overview } from './overview/overview.tsx';
import { Boundary } from './parts/broken.tsx';
import { KeyGate } from './parts/key-gate.tsx';

/** The pages that are loaded when they are opened. Their addresses are known to the server as well, in src/http/dashboard.ts. */
const PAGES: readonly (readonly [path: string, load: Load])[] = [
  ['/makers/:slug', async () => (await import('./maker/maker.tsx')).MakerPage],
  ['/alliances/:slug', async () => (await import('./maker/maker.tsx')).MakerPage],
  ['/contradictions', async () => (await import('./contradictions/contradictions.tsx')).ContradictionsPage],
  ['/targets', async () => (await import('./targets/targets.tsx')).TargetsPage],
  ['/about', async () => (await import('./about/about.tsx')).AboutPage],
  ['/table', async () => (await import('./table/table.tsx')).TablePage],
  ['/compare', async () => (await import('./compare/compare.tsx')).ComparePage],
  ['/embed/compare', async () => (await import('./embed/embed-compare.tsx')).EmbedCompare],
  ['/embed/road', async () => (await import('./embed/embed-road.tsx')).EmbedRoad],
];

/** The page of the address. When another one is opened, the focus goes to its beginning. */
export function Pages() {
  const [path] = useLocation();
  const first = useRef(path);
  useEffect(() => {
    if (first.current === path) return;
    first.current = '';
    scrollTo({ top: 0 });
    document.getElementById('content')?.focus();
  }, [path]);
  const refusal = access.refusal.value;
  if (refusal !== null)
    return (
      <main id="content" tabIndex={-1}>
        <KeyGate refusal={refusal} />
      </main>
    );
  return (
    <main id="content" tabIndex={-1}>
      <Boundary of={path}>
        <Switch>
          <Route path="/" component={Overview} />
          {PAGES.map(([at, load]) => (
            <Route key={at} path={at}>
              <Lazy key={at} load={load} />
            </Route>
          ))}
          <Route component={NotFound} />
        </Switch>
      </Boundary>
    </main>
  );
}

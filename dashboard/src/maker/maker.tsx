import './maker.css';
import { useEffect } from 'preact/hooks';
import { useLocation, useParams } from 'wouter-preact';
import { AllianceSections } from '../alliance/alliance.tsx';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { pageAt } from '../parts/address.ts';
import { Failure } from '../parts/failure.tsx';
import { Legend } from '../parts/legend.tsx';
import { pathOf } from '../parts/page-link.tsx';
import { useTitle } from '../parts/use-title.ts';
import { chosenMetric } from './choices.ts';
import { Head } from './head.tsx';
import { MAKER, type Maker } from './maker-query.ts';
import { text } from './messages.ts';
import { Milestones } from './milestones.tsx';
import { Nobody } from './nobody.tsx';
import { NumberSections } from './numbers.tsx';
import { Sources } from './sources.tsx';
import { Targets } from './targets.tsx';

/** How a maker, an alliance, or whatever else has numbers, is doing. */
export function MakerPage() {
  const { slug = '' } = useParams<{ slug: string }>();
  const read = useLive(MAKER, { slug, asOf: asOf.value });
  if (read.data === null)
    return (
      <div class="loading">
        <Failure reads={[read]} />
        {!read.failed && <p role="status">{messages.value.loading}</p>}
      </div>
    );
  const { subject } = read.data;
  if (subject === null) return <Nobody slug={slug} />;
  return (
    <>
      <Failure reads={[read]} />
      <Known key={subject.id} maker={subject} />
    </>
  );
}

function Known({ maker }: { readonly maker: Maker }) {
  const metric = chosenMetric(maker);
  useTitle(nameOf(maker));
  useOwnAddress(maker);
  const targets = <Targets maker={maker} />;
  const milestones = <Milestones of={maker.milestones.nodes} />;
  return (
    <div class="maker">
      <Head maker={maker} metric={metric} />
      {metric === null ? (
        <>
          <p>{text.value.noNumbers}</p>
          <div class="columns">
            {targets}
            {milestones}
          </div>
        </>
      ) : (
        <NumberSections key={maker.id} maker={maker} metric={metric} underSeries={targets} underCurve={milestones} />
      )}
      {maker.__typename === 'Alliance' && <AllianceSections slug={maker.slug} />}
      <Sources maker={maker} />
      <Legend />
    </div>
  );
}

/** An alliance that is opened as a maker gets its own address, and the other way round. */
function useOwnAddress(maker: Maker): void {
  const [path, go] = useLocation();
  const own = pathOf(maker);
  useEffect(() => {
    if (path !== own) go(pageAt(own), { replace: true });
  }, [path, own]);
}

import './maker.css';
import { useEffect } from 'preact/hooks';
import { useLocation, useParams } from 'wouter-preact';
import { AllianceSections } from '../alliance/alliance.tsx';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { pageAt } from '../parts/address.ts';
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

/** No name in an address has one, and the API refuses them. */
const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;

/** How a maker, an alliance, or whatever else has numbers, is doing. */
export function MakerPage() {
  const { slug = '' } = useParams<{ slug: string }>();
  const canBe = !CONTROL.test(slug);
  const { data, failed } = useLive(MAKER, { slug, asOf: asOf.value }, canBe);
  const m = messages.value;
  if (!canBe) return <Nobody slug={slug.replaceAll(CONTROLS, '')} />;
  if (data === null)
    return (
      <p class="loading" role={failed ? 'alert' : 'status'}>
        {failed ? m.failed : m.loading}
      </p>
    );
  if (data.subject === null) return <Nobody slug={slug} />;
  return <Known key={data.subject.id} maker={data.subject} failed={failed} />;
}

function Known({ maker, failed }: { readonly maker: Maker; readonly failed: boolean }) {
  const metric = chosenMetric(maker);
  useTitle(nameOf(maker));
  useOwnAddress(maker);
  const targets = <Targets maker={maker} />;
  const milestones = <Milestones of={maker.milestones.nodes} />;
  return (
    <div class="maker">
      {failed && (
        <p role="alert" class="banner">
          {messages.value.failed}
        </p>
      )}
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

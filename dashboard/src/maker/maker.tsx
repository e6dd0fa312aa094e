import './maker.css';
import { useEffect } from 'preact/hooks';
import { useLocation, useParams } from 'wouter-preact';
import { AllianceSections } from '../alliance/alliance.tsx';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { nameOf } from '../i18n/language.ts';
import { Failure } from '../parts/failure.tsx';
import { Legend } from '../parts/legend.tsx';
import { Loading } from '../parts/loading.tsx';
import { pathOf } from '../parts/page-link.tsx';
import { useTitle } from '../parts/use-title.ts';
import { chosenMetric } from './choices.ts';
import { Head } from './head.tsx';
import { AIMS, type Aims, MAKER, type Maker } from './maker-query.ts';
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
  const of = { slug, asOf: asOf.value };
  const read = useLive(MAKER, of, canBe);
  const aims = useLive(AIMS, of, canBe);
  if (!canBe) return <Nobody slug={slug.replaceAll(CONTROLS, '')} />;
  const maker = read.data?.subject;
  return (
    <>
      <Failure reads={[read, aims]} />
      {maker === undefined && !read.failed && <Loading />}
      {maker === null && <Nobody slug={slug} />}
      {maker != null && <Known key={maker.id} maker={maker} aims={aims.data?.subject ?? null} />}
    </>
  );
}

function Known({ maker, aims }: { readonly maker: Maker; readonly aims: Aims | null }) {
  const metric = chosenMetric(maker);
  useTitle(nameOf(maker));
  useOwnAddress(maker);
  const targets = aims === null ? <Loading /> : <Targets maker={aims} />;
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
    if (path !== own) go(`${own}${location.search}`, { replace: true });
  }, [path, own]);
}

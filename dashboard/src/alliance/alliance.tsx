import './alliance.css';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { ALLIANCE } from './alliance-query.ts';
import { Bases } from './bases.tsx';
import { Members } from './members.tsx';
import { MembersChart } from './members-chart.tsx';
import { stackMonths } from './stack.ts';

/** What an alliance is made of, and how much of that is known. */
export function AllianceSections({ slug }: { readonly slug: string }) {
  const read = useLive(ALLIANCE, { slug, asOf: asOf.value });
  const alliance = read.data?.alliance ?? null;
  if (alliance === null) return read.failed ? <Failure reads={[read]} /> : <Loading />;
  const months = stackMonths(alliance.series.observations, alliance.members);
  return (
    <>
      <div class="columns">
        <MembersChart months={months} members={alliance.members} />
        <Bases slug={slug} months={months} metrics={alliance.series.observations} />
      </div>
      <Members of={alliance.members} />
    </>
  );
}

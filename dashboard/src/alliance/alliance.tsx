import './alliance.css';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages } from '../i18n/language.ts';
import { ALLIANCE } from './alliance-query.ts';
import { Bases } from './bases.tsx';
import { Members } from './members.tsx';
import { MembersChart } from './members-chart.tsx';
import { stackMonths } from './stack.ts';

/** What an alliance is made of, and how much of that is known. */
export function AllianceSections({ slug }: { readonly slug: string }) {
  const { data, failed } = useLive(ALLIANCE, { slug, asOf: asOf.value });
  const alliance = data?.alliance ?? null;
  if (alliance === null)
    return (
      <p class="loading" role={failed ? 'alert' : 'status'}>
        {failed ? messages.value.failed : messages.value.loading}
      </p>
    );
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

import { day } from '../format/time.ts';
import { language, nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { chooseMetric, metricsOf } from './choices.ts';
import type { Linked, Maker } from './maker-query.ts';
import { text } from './messages.ts';

/** Who it is, what it belongs to and what belongs to it, and the choice of what is counted. */
export function Head({ maker, metric }: { readonly maker: Maker; readonly metric: string | null }) {
  const t = text.value;
  const other = language.value === 'zh' ? maker.name : maker.nameZh;
  const metrics = metricsOf(maker);
  return (
    <div class="maker-head">
      <h1>
        {nameOf(maker)}{' '}
        {other !== null && other !== nameOf(maker) && (
          <span class="other-name" lang={language.value === 'zh' ? 'en' : 'zh-CN'}>
            {other}
          </span>
        )}
      </h1>
      {metrics.length > 1 && (
        <label>
          {t.counted}{' '}
          <select value={metric ?? ''} onChange={({ currentTarget }) => chooseMetric(currentTarget.value, maker)}>
            {metrics.map((one) => (
              <option key={one} value={one}>
                {metricName(one)}
              </option>
            ))}
          </select>
        </label>
      )}
      <dl class="facts">
        <dt class="hidden">{t.tier}</dt>
        <dd>{t.kinds[maker.kind]}</dd>
        {factsOf(maker).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Fact = readonly [name: string, value: preact.ComponentChildren];

/** What is known of it; what is not is left out. */
function factsOf(maker: Maker): readonly Fact[] {
  const t = text.value;
  const dated = (name: string, date: string | null): readonly Fact[] => (date === null ? [] : [[name, day(date)]]);
  const linked = (name: string, ones: readonly (Linked | null)[]): readonly Fact[] => {
    const known = ones.flatMap((one) => (one === null ? [] : [one]));
    return known.length === 0 ? [] : [[name, <Links key={name} to={known} />]];
  };
  const aliases: readonly Fact[] = maker.aliases.length === 0 ? [] : [[t.aliases, maker.aliases.join(', ')]];
  switch (maker.__typename) {
    case 'Brand':
      return [
        ...linked(t.company, [maker.parent]),
        ...maker.memberships.map((one): Fact => [t.alliance, <Membership key={one.id} of={one} />]),
        ...dated(t.launched, maker.launchedOn),
        ...dated(t.firstDelivery, maker.firstDeliveryOn),
        ...linked(t.models, maker.models.nodes),
        ...aliases,
      ];
    case 'Company':
      return [
        ...linked(t.company, [maker.parent]),
        ...linked(t.brands, maker.brands),
        ...linked(t.plants, maker.plants),
        ...aliases,
      ];
    case 'Alliance':
      return [...linked(t.leader, [maker.leader]), ...aliases];
    case 'Model':
      return [...linked(t.brand, [maker.brand]), ...dated(t.launched, maker.launchedOn), ...aliases];
    case 'Plant':
      return [
        ...linked(t.company, [maker.operator]),
        ...(maker.city === null ? [] : [[t.city, maker.city] as const]),
        ...aliases,
      ];
    default:
      return aliases;
  }
}

function Links({ to }: { readonly to: readonly Linked[] }) {
  return (
    <>
      {to.map((one, index) => (
        <span key={one.id}>
          {index > 0 && ', '}
          <PageLink to={pathOf(one)}>{nameOf(one)}</PageLink>
        </span>
      ))}
    </>
  );
}

type Member = Extract<Maker, { __typename: 'Brand' }>['memberships'][number];

function Membership({ of: { alliance, joinedOn, leftOn } }: { readonly of: Member }) {
  const t = text.value;
  return (
    <>
      <PageLink to={pathOf(alliance)}>{nameOf(alliance)}</PageLink>
      {joinedOn !== null && ` ${t.since(day(joinedOn))}`}
      {leftOn !== null && ` ${t.until(day(leftOn))}`}
    </>
  );
}

import './bullet.css';
import { text } from './bullet-messages.ts';
import { type BulletNumbers, bulletEnd } from './bullet-scale.ts';

/** A bar of what is reached, on a scale with the target, where it should be by now, and what is projected. The label says the same in short. */
export function Bullet({ of, label }: { readonly of: BulletNumbers; readonly label: string }) {
  const { reached, aim, due, projected } = of;
  const end = bulletEnd(of);
  const at = (number: number) => `${(number / end) * 100}%`;
  const span = (lower: number, upper: number) => ({ insetInlineStart: at(lower), inlineSize: at(upper - lower) });
  return (
    <div class="bullet" role="img" aria-label={label}>
      <span class="aim" style={span(aim.lower, aim.upper)} />
      {reached !== null && (
        <>
          <span class="reached" style={span(0, reached.lower)} />
          <span class="possible" style={span(reached.lower, reached.upper)} />
        </>
      )}
      {projected !== null && (
        <>
          <span class="projected" style={span(projected.lower, projected.upper)} />
          <span class="point" style={{ insetInlineStart: at(projected.value) }} />
        </>
      )}
      {due !== null && <span class="due" style={{ insetInlineStart: at(due) }} />}
    </div>
  );
}

/** What the parts of the bars mean. */
export function BulletLegend() {
  const t = text.value;
  return (
    <ul class="bullet-legend quiet" aria-label={t.legend}>
      {(['reached', 'possible', 'aim', 'due', 'projected'] as const).map((part) => (
        <li key={part}>
          <span class="bullet" aria-hidden="true">
            <span class={part === 'projected' ? 'point' : part} />
          </span>
          {t[part]}
        </li>
      ))}
    </ul>
  );
}

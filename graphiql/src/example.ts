/** An operation to try. */
export interface Example {
  /** The name of the operation, which is also that of its tab. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** What it shows: the first sentence of the comment at its top. */
  readonly about: string;
  readonly query: string;
}

/** What is beside the tabs, what a tab has beside its name, and the mean width of a letter, in pixels. */
const BESIDE_TABS = 130;
const BESIDE_NAME = 56;
const LETTER = 8.5;

/** What the text of an example says about itself. */
export function readExample(query: string): Example {
  const [, kind, name = ''] = /^(query|mutation|subscription) (\w+)/m.exec(query) ?? [];
  const comment = /^(?:#.*\n)*/.exec(query)?.[0].replaceAll(/^# ?|\n$/gm, '') ?? '';
  const about = /^.*?[.:](?=\s|$)/s.exec(comment)?.[0] ?? comment;
  return { name, kind: kind as Example['kind'], about: about.replaceAll('\n', ' ').replace(/:$/, '.'), query };
}

/** The first examples, as many as have room as tabs on a page of a width, and at least one. */
export function thoseThatFit(width: number, examples: readonly Example[]): readonly Example[] {
  let left = width - BESIDE_TABS;
  const beyond = examples.findIndex(({ name }) => {
    left -= BESIDE_NAME + LETTER * name.length;
    return left < 0;
  });
  return beyond === -1 ? examples : examples.slice(0, Math.max(1, beyond));
}

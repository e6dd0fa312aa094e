/**
 * A drawing without the styles that its library writes into it: chart.css has them. The page's policy forbids styles that stand in the page, and
 * the browser reports each.
 */
export function withoutStyles(drawn: Element): Element {
  for (const style of drawn.querySelectorAll('style')) style.remove();
  return drawn;
}

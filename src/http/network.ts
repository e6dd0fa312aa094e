import { isIPv6 } from 'node:net';

/** An IPv4 address as a socket that listens on IPv6 names it. */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
/** A client of IPv6 has a network of its own, with more addresses than can be counted: the first four groups name it. */
const GROUPS_OF_CLIENT = 4;

/** By what a client is told from others: its IPv4 address, or its network of 64 bits of IPv6. */
export function networkOf(address: string): string {
  const bare = address.split('%', 1)[0] ?? '';
  const [, mapped] = MAPPED.exec(bare) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bare)) return address;
  const [before = '', after] = bare.toLowerCase().split('::');
  const groups = before === '' ? [] : before.split(':');
  const rest = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest];
  const network = all.slice(0, GROUPS_OF_CLIENT).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

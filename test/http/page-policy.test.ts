import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { withPolicy } from '../../src/http/page-policy.ts';

function policyOf(html: string): string {
  const page = { bytes: Buffer.from(html), type: 'text/html; charset=utf-8', caching: 'no-cache' };
  return String(withPolicy(page, { images: [] }).headers?.['content-security-policy']);
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

test('scripts and styles that stand in a page are allowed by their hashes, and no others', () => {
  const policy = policyOf(
    '<style>\nbody { color: red }</style><script type="module" src="/a.js"></script><script>let a = 1;\n</script><script>é</script>',
  );
  expect(policy).toContain(`script-src 'self' ${hashOf('let a = 1;\n')} ${hashOf('é')};`);
  expect(policy).toContain(`style-src 'self' ${hashOf('\nbody { color: red }')};`);
  expect(policy).not.toContain('unsafe');
});

test('a page without any allows only its own files', () => {
  expect(policyOf('<script src="/a.js"></script>')).toContain("script-src 'self'; style-src 'self';");
});

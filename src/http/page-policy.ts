import { createHash } from 'node:crypto';
import type { Body } from './body.ts';
import { OF_EMBEDDED } from './security-headers.ts';

/** What stands between tags in the page itself. */
const INLINE = {
  script: /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi,
  style: /<style[^>]*>([\s\S]*?)<\/style>/gi,
} as const;
/** What pages can do with a device, of which ours do nothing. */
const DEVICES = [
  'accelerometer',
  'camera',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
];

export interface PageNeeds {
  /** Further directives, besides those for scripts, styles, images and connections of the page itself. */
  readonly directives?: readonly string[];
  /** Where images may be from besides the server. */
  readonly images: readonly string[];
  /** Whether a library of the page writes styles whose text differs each time, so that they cannot be named by their hashes. */
  readonly writesStyles?: boolean;
  /** Whether the page is made to be shown in frames of other pages. */
  readonly isEmbedded?: boolean;
}

/**
 * A page with its Content-Security-Policy: it runs its own files, and those scripts and styles that stand in it by their hashes; it loads and
 * sends nothing elsewhere.
 */
export function withPolicy(page: Body, needs: PageNeeds): Body {
  const { images, directives = [], writesStyles = false, isEmbedded = false } = needs;
  const html = page.bytes.toString('utf8');
  const styles = writesStyles ? ["'unsafe-inline'"] : hashesOf(html, INLINE.style);
  const policy = [
    "default-src 'none'",
    ["script-src 'self'", ...hashesOf(html, INLINE.script)].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    ["img-src 'self'", ...images].join(' '),
    "connect-src 'self'",
    ...directives,
    "base-uri 'none'",
    "form-action 'none'",
    ...(isEmbedded ? [] : ["frame-ancestors 'none'"]),
  ];
  return {
    ...page,
    headers: {
      'content-security-policy': policy.join('; '),
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': DEVICES.map((device) => `${device}=()`).join(', '),
      ...(isEmbedded ? OF_EMBEDDED : { 'x-frame-options': 'DENY' }),
    },
  };
}

function hashesOf(html: string, inline: RegExp): readonly string[] {
  const texts = new Set([...html.matchAll(inline)].map(([, text = '']) => text));
  return [...texts].map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

/** A milestone as an inline SVG, so that the page loads no image. */
export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32"><path d="M6 28V14a10 10 0 0 1 20 0v14z" fill="#0b6bcb"/><path d="M11 22v-8l5 5 5-5v8" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/><path d="M2 29.5h28" stroke="#8a9bb0" stroke-width="2" stroke-linecap="round"/></svg>`;

/** The logo as a data URL. */
export const FAVICON = `data:image/svg+xml,${encodeURIComponent(LOGO)}`;

/** What `publishedSort` is for a figure whose source has no day of publication: before any other day. */
export const UNPUBLISHED = new Date('0001-01-01');
/** What `valueSort` is for a figure without a value: less than any other, because none is negative. */
export const WITHOUT_VALUE = -1;

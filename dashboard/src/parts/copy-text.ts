/**
 * Copies a text to the clipboard. Browsers have one for pages over HTTPS and of this machine alone; on others a text is copied out of a field,
 * which is put beside an element that the reader has just pressed. Throws if the browser does not allow either.
 */
export async function copyText(text: string, beside: HTMLElement): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden';
  beside.after(field);
  try {
    field.select();
    if (!document.execCommand('copy')) throw new Error('The browser does not allow to copy.');
  } finally {
    field.remove();
    beside.focus();
  }
}

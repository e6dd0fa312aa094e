/** So that spreadsheets read the names as UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Saves a text as a CSV file. */
export function saveCsv(name: string, csv: string): void {
  const address = URL.createObjectURL(new Blob([BYTE_ORDER_MARK, csv], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

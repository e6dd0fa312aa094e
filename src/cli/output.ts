/** Where a command writes its lines. */
export interface Output {
  /** To standard output. */
  print(line: string): void;
  /** To standard error. */
  printError(line: string): void;
}

import { optimizeWebAssemblyLate } from '../database/webassembly.ts';
import { runCommand } from './command.ts';

optimizeWebAssemblyLate();
let isPrinted = true;
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // Whoever reads only the beginning, as head does, has what they wanted.
  if (code === 'EPIPE') return;
  if (isPrinted) process.stderr.write(`The output cannot be written: ${message}\n`);
  isPrinted = false;
  process.exitCode = 1;
});
process.stderr.on('error', () => {
  // There is no other output to report it to.
});
const code = await runCommand(process.argv.slice(2), process.env, {
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
});
process.exitCode ||= code;

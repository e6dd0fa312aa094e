import fc from 'fast-check';

// Nobody reads the counterexample of a mutant, and shrinking it takes longer than everything else.
fc.configureGlobal({ endOnFailure: true });

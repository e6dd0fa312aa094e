-- A restore of the data alone writes with an empty search path, and the function has to find the sources then as well.
alter function figure_sorts() set search_path from current;

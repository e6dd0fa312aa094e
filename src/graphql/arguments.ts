import { Metric } from './enums.ts';

// Several fields take these arguments. Each is defined once, so that it means the same everywhere.

export const METRIC = {
  type: Metric,
  required: true,
  defaultValue: 'DELIVERIES',
  description: 'What is counted.',
} as const;

export const METRICS = {
  type: [Metric] as [typeof Metric],
  description:
    'Used instead of `metric` if given: of each subject and period the first of these metrics that it has. It has one in which there is a value, or in which claims state a lower bound; if there is none, the first with a lower bound that follows from other claims. Error BAD_USER_INPUT for an empty list, for more metrics than there are, and for metrics in different units.',
} as const;

export const PERIOD = {
  type: 'Period',
  required: true,
  description: 'The span of days. Error BAD_USER_INPUT if the text is not a period.',
} as const;

export const AS_OF = {
  type: 'DateTime',
  description:
    'Reads what was known at this instant. A claim counts if it was published by then and was not yet revised or withdrawn. Null: what is known now.',
} as const;

/** The day for which memberships are read. */
export const MEMBERSHIP_DAY = {
  type: 'Date',
  description: 'The day. Null: today in Asia/Shanghai. Error BAD_USER_INPUT if the text is not a day.',
} as const;

/** The instant for which memberships are read. */
export const MEMBERSHIPS_AS_OF = {
  type: 'DateTime',
  description:
    'Reads the memberships that were known at this instant: from the publication of their document, or from their recording if no day is known. A leaving is known from its recording. It selects the memberships; their fields are those of now, also `leftOn`. Null: what is known now.',
} as const;

/** The position from which a subscription starts. */
export const RESUME_AFTER = {
  type: 'Cursor',
  description:
    'First sends the changes after this position, then continues live. Null: only changes from now on. Error CURSOR_INVALID if the position is not in this log, CURSOR_EXPIRED if the changes after it are no longer kept.',
} as const;

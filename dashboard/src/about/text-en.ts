/** What counts as what, in English. Chinese has the same. */
export const EN = {
  intro:
    'Milepost keeps what makers of new-energy vehicles announce, who said so, what was said before it was restated, and which milestones and targets that means. It says how sure each number is, and shows what it does not know as unknown.',
  contents: 'On this page',
  counted: {
    title: 'What is counted',
    paragraphs: [
      'Makers report different things. They are kept apart: producing a million vehicles is not delivering a million. A board takes of each maker the first metric that it has, names it where it is not deliveries, and counts each vehicle once, so that a brand does not stand beside the company that it belongs to.',
      'Days, months and years are those of Shanghai. A number “to” a day is everything from the beginning until the end of that day.',
    ],
    metric: 'Metric',
    meaning: 'Meaning',
    metrics: {
      DELIVERIES: 'handed over to customers',
      SALES: 'sold, where the source says no more than that',
      WHOLESALE: 'sold by the maker to dealers, or for export',
      RETAIL: 'sold to end customers',
      REGISTRATIONS: 'registered or insured for the first time',
      PRODUCTION: 'built',
      EXPORTS: 'exported from China',
    } as Readonly<Record<string, string>>,
  },
  marks: {
    title: 'What the marks mean',
    paragraphs: [
      'A number alone is what its sources state exactly. A dash alone is unknown, which is never zero. Press a number to see where it comes from.',
    ],
    sign: 'Mark',
    signs: [
      ['~', 'The sources say “about”: the number is rounded.'],
      ['>', 'The sources say “more than”, or only a part is known.'],
      ['<', 'It is fewer than this.'],
      ['a–b', 'It lies between these two, both included.'],
      ['Σ', 'Nobody stated it. It follows from other numbers.'],
      ['r', 'It was restated. The source drawer shows what was said before.'],
      ['!', 'A claim contradicts it.'],
      ['–', 'It is unknown.'],
    ] as readonly (readonly [string, string])[],
  },
  worked: {
    title: 'How a number is worked out',
    paragraphs: [
      'What a source says is a claim. Its numbers never change. Another source is another claim beside it, and a source that only repeats another one is not counted as a second witness.',
      'All claims about a maker together bound its numbers: months and the quarter that they add up to, totals to date and what lies between them, a company and its brands, an alliance and its members. A number that nobody stated is shown if these leave only one, such as the fourth quarter of three reported months. If they leave several, the least and the largest are shown. Nothing is interpolated, and a gap is never filled with a guess.',
      'Projections, such as who passes a million next and what a year will come to, are worked out from the pace so far when they are asked for. They are never kept as figures, and are always shown as a range where they are one.',
    ],
  },
  disagree: {
    title: 'When sources disagree',
    paragraphs: [
      'A claim that the editors set aside never counts. Of the others the value wins that fits the other periods, the parts and the wholes. Where that does not decide, these do, in this order: more independent origins, a source closer to the maker, a more precise number, a publication closer to the end of the period. What was set aside is kept and shown, and the source drawer says what decided.',
    ],
    link: 'All contradictions that there are now',
  },
  known: {
    title: 'Restated numbers, and what was known when',
    paragraphs: [
      'A restated number does not erase the one before. Any page can be seen as of a day, with what was published by then and not yet restated. The names of makers, and who owns whom, are always those of now.',
    ],
  },
  milestones: {
    title: 'Milestones and targets',
    paragraphs: [
      'A milestone is announced by a source, or detected where the numbers require it. It is confirmed where both agree, and disputed where the announced day cannot be true. A target is reached or missed once what is known decides it for certain. Before that it is ahead of, on, or behind the pace that it needs.',
    ],
    link: 'All targets',
  },
  sources: {
    title: 'Where the numbers are from',
    paragraphs: ['How close a publisher is to the facts, in four tiers:'],
    tiers: [
      'The maker itself: announcements, filings, its own pages',
      'Associations and regulators',
      'Press that specialises in cars or in technology',
      'General press, blogs and data files, and everything that repeats another publisher',
    ],
    publisher: 'Publisher',
    tier: 'Tier',
    documents: 'Documents',
    count: (publishers: string, documents: string) => `${publishers} publishers with ${documents} documents`,
    newestOf: (documents: string) => `These are the newest of ${documents} documents.`,
    show: 'All publishers',
  },
  licence: {
    title: 'Licence, and how to cite',
    paragraphs: [
      'The program is free under the MIT licence. Numbers are facts. The documents that state them belong to their publishers, and are named and linked with each number.',
      'To cite a number, press it and copy its citation. It names the maker, the value, the metric, the period, the source and the day of its publication. The API has the same as “citation”, with an address that names the number as it was known at that moment.',
    ],
  },
  api: {
    title: 'Use the data',
    paragraphs: [
      'Everything on these pages comes from a public GraphQL API, without a key, and every change is pushed to those who subscribe. The source drawer has the query of each number. Every field explains itself.',
    ],
    graphiql: 'Explore the API',
    compare: 'Compare makers, and take the chart along: as a picture, as CSV, or to embed it',
    badge: 'A badge with the newest total of a maker, for any page:',
    rules:
      'All rules with examples are in docs/domain.md, and the protocol of subscriptions is in docs/realtime.md, both in the source of the program.',
  },
};

export type AboutText = typeof EN;

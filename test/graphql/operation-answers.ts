import { expect } from 'vitest';

/** Part of the answers to the examples about lists, lookups and writing. */
export const FURTHER_ANSWERS: Readonly<Record<string, object>> = {
  '23-company': {
    company: {
      nameZh: '蔚来',
      brandsComplete: true,
      brands: ['firefly', 'nio', 'onvo'].map((slug) => ({ slug })),
      plants: [{ slug: 'hefei-xinqiao', city: 'Hefei' }],
    },
    companies: { nodes: expect.arrayContaining([expect.objectContaining({ slug: 'seres-group' })]) },
  },
  '24-alliance': {
    alliance: {
      leader: { name: 'Huawei' },
      members: ['aito', 'luxeed', 'stelato', 'maextro', 'shangjie'].map((slug) => ({ brand: { slug } })),
      total: { memberCount: 5 },
    },
    alliances: { nodes: expect.arrayContaining([expect.objectContaining({ slug: 'hima' })]) },
  },
  '25-models-and-plants': {
    model: { nameZh: '问界M9', brand: { slug: 'aito' }, cumulative: { period: '../2026-01-13', value: 270_000 } },
    models: { pageInfo: { hasNextPage: true } },
    plant: { city: 'Chongqing', operator: { slug: 'seres-group' } },
    plants: { pageInfo: { hasNextPage: true } },
  },
  '26-markets': {
    market: { parent: { slug: 'china-auto' }, observation: { value: 50, upper: null, qualifier: 'OVER' } },
    markets: { pageInfo: { hasNextPage: true } },
  },
  '27-compare': {
    series: [
      { subject: { slug: 'nio' } },
      { subject: { slug: 'xpeng' }, observations: [31_011, 32_158, 40_126].map((value) => ({ value })), missing: [] },
      { subject: { slug: 'li-auto' }, observations: [34_085, 33_350, 30_895].map((value) => ({ value })), missing: [] },
    ],
    leaderboard: {
      entries: expect.arrayContaining([
        expect.objectContaining({ rank: 1, observation: expect.objectContaining({ value: 93_376 }) }),
      ]),
    },
    subject: { kind: 'COMPANY', latest: { value: expect.any(Number) } },
  },
  '28-refetch': {
    node: { title: 'NEV Startup’s New Threshold: The Million-Unit Level?', publishedOn: '2026-01-19' },
    nodes: [{ id: 'U291cmNlOjE=', __typename: 'Source', publisher: { name: 'Gasgoo' } }, null],
  },
  '29-sources-and-conflicts': {
    sources: { nodes: { length: 5 }, pageInfo: { hasNextPage: true } },
    conflicts: {
      nodes: expect.arrayContaining([
        expect.objectContaining({ metric: 'DELIVERIES', period: '2026-01', value: 32_059 }),
      ]),
    },
  },
  '30-watch-milestones': {
    milestoneReached: {
      status: 'CONFIRMED',
      milestone: { reachedOn: '2026-01-13', subject: { slug: 'aito' } },
      causedBy: { value: 1_000_000 },
    },
  },
  '31-watch-changes': {
    changes: { __typename: 'MilestoneChange', status: 'CONFIRMED', milestone: { reachedOn: '2026-01-13' } },
  },
  '32-add-subjects': {
    createSubject: { subject: { slug: 'example-market' }, userErrors: [] },
    updateSubject: { subject: { nameZh: '示例市场' }, userErrors: [] },
  },
  '33-record-figures': {
    recordFigures: { figures: [{ value: 1_200 }, { value: 1_300 }], deduplicated: 0, userErrors: [] },
  },
  '34-announce-and-aim': {
    announceMilestone: { milestone: { status: 'ANNOUNCED', reachedOn: '2025-03' }, userErrors: [] },
    setTarget: { target: { period: '2027', value: 20_000 }, userErrors: [] },
  },
  '35-correct': Object.fromEntries(
    ['reviseFigure', 'reviseFigures', 'rankFigure', 'withdrawFigure'].map((field) => [
      field,
      { userErrors: [{ code: 'UNKNOWN_FIGURE' }] },
    ]),
  ),
  '36-membership': {
    joinAlliance: { membership: null, userErrors: [{ code: 'UNKNOWN_SUBJECT' }, { code: 'UNKNOWN_SUBJECT' }] },
    leaveAlliance: { membership: null, userErrors: [{ path: ['membershipId'] }] },
  },
  '38-keys': {
    createApiKey: {
      key: expect.stringMatching(/^mp_[\w-]{32}$/),
      apiKey: { label: 'An example reader', scopes: ['READ'], state: 'VALID', expiresAt: '2099-12-31T00:00:00.000Z' },
      userErrors: [],
    },
    revokeApiKey: { apiKey: null, userErrors: [{ code: 'INVALID_INPUT', path: ['id'] }] },
  },
  '39-which-keys': {
    apiKeys: expect.arrayContaining([
      expect.objectContaining({ label: 'MILEPOST_ADMIN_KEY', scopes: ['READ', 'WRITE', 'ADMIN'], expiresAt: null }),
    ]),
  },
  '37-as-of': {
    before: { value: 8_630 },
    observation: { value: 8_646, revised: true, history: [{ value: 8_630 }, { value: 8_646, knownUntil: null }] },
    figures: {
      totalCount: 2,
      nodes: [
        { period: '2024-05', value: 8_646, source: { publishedOn: '2024-06-02' } },
        { period: '2024-04', value: 7_058, source: { publishedOn: '2024-06-01' } },
      ],
    },
    contradictions: { totalCount: 0, nodes: [] },
    milestones: {
      nodes: [
        { title: 'Xiaomi Auto delivers its first vehicle', status: 'ANNOUNCED', reachedOn: '2024-04-03' },
        { status: 'DETECTED', reachedOn: '2024-05', window: ['2024-05-01', '2024-05-31'], claims: [] },
      ],
    },
    alliance: { members: [{ brand: { slug: 'aito' } }] },
  },
};

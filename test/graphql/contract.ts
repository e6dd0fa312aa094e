/** The arguments of pages in both directions. */
const PAGE = 'first: Int, after: String, last: Int, before: String';

/**
 * The names that clients rely on: types, fields and arguments with their types and defaults, and enum values.
 * The schema has all of them and may have more. A type has the fields of its interfaces as well, and a connection is a Relay connection.
 */
export const CONTRACT = `
scalar Date scalar DateTime scalar PartialDate scalar Period scalar Cursor
interface Node { id: ID! }
enum SubjectKind { BRAND COMPANY ALLIANCE MODEL PLANT MARKET }
enum Metric {
  DELIVERIES PRODUCTION SALES WHOLESALE RETAIL REGISTRATIONS EXPORTS MARKET_SHARE REVENUE RND_SPEND BATTERY_SWAPS
  CHARGING_STATIONS SWAP_STATIONS COUNTRIES SALES_OUTLETS ASSEMBLY_PLANTS LOGISTICS_HUBS SUPPLIERS
}
enum Unit { VEHICLES CNY PERCENT SWAPS STATIONS COUNT }
enum Qualifier { EXACT ABOUT OVER UNDER BETWEEN }
enum Agreement { SOLE AGREES CONFLICTS }
enum Method { ASSERTED DERIVED }
enum Granularity { WEEK MONTH QUARTER HALF YEAR YEAR_TO_DATE }
enum Comparison { PREVIOUS YEAR_AGO }
enum ClaimRank { PREFERRED NORMAL DEPRECATED }
enum FigureAction { RECORDED REVISED WITHDRAWN RANKED }
enum MilestoneKind { UNITS LAUNCH FIRST_DELIVERY FIRST_PROFIT RANKING RECORD OTHER }
enum MilestoneStatus { ANNOUNCED DETECTED CONFIRMED DISPUTED WITHDRAWN EXPECTED }
enum FigureOrder { PERIOD_DESC PERIOD_ASC RECORDED_DESC RECORDED_ASC PUBLISHED_DESC VALUE_DESC }
enum MilestoneOrder { REACHED_ON_ASC REACHED_ON_DESC ELAPSED_ASC }
enum TargetKind { TARGET GUIDANCE FORECAST }
enum TargetVerdict { MET MISSED AHEAD ON_TRACK BEHIND UNDETERMINED NO_DATA }
enum Basis { AS_MEMBERS FULL_HISTORY }
enum Powertrain { BEV EREV PHEV ICE }
enum Evidence { ONLY EDITOR SUMS ORIGINS TIER PRECISION CLOSENESS NONE }
enum ContradictionKind { SAME_PERIOD SUM TO_DATE WHOLE_AND_PARTS BEFORE_FIRST METRICS MILESTONE }
interface Subject implements Node {
  id: ID! slug: String! kind: SubjectKind! name: String! nameZh: String aliases: [String!]!
  observation(metric: Metric! = DELIVERIES, metrics: [Metric!], period: Period!, within: String, asOf: DateTime): Observation
  cumulative(metric: Metric! = DELIVERIES, on: Date, asOf: DateTime): Observation
  series(metric: Metric! = DELIVERIES, metrics: [Metric!], granularity: Granularity! = MONTH, from: PartialDate, to: PartialDate, asOf: DateTime): Series!
  curve(metric: Metric! = DELIVERIES, alignedTo: CurveStart, asOf: DateTime): Curve!
  nextMilestone(metric: Metric! = DELIVERIES, asOf: DateTime): Crossing
  figures(filter: FigureFilter, orderBy: FigureOrder = PERIOD_DESC, asOf: DateTime, ${PAGE}): FigureConnection!
  milestones(filter: MilestoneFilter, orderBy: MilestoneOrder = REACHED_ON_ASC, asOf: DateTime, ${PAGE}): MilestoneConnection!
  targets(kinds: [TargetKind!], asOf: DateTime, currentOnly: Boolean! = false, ${PAGE}): TargetConnection!
  metrics(asOf: DateTime): [KnownMetric!]! headlineMetric(asOf: DateTime): Metric
  latest(metric: Metric, granularity: Granularity! = MONTH, asOf: DateTime): Observation
}
type KnownMetric { metric: Metric! from: Period! to: Period! observations: Int! claims: Int! }
type Brand implements Node & Subject {
  company: Company parent: Subject models(${PAGE}): ModelConnection! alliance(on: Date, asOf: DateTime): Alliance
  memberships(asOf: DateTime): [Membership!]! foundedOn: PartialDate launchedOn: PartialDate firstDeliveryOn: PartialDate
}
type Company implements Node & Subject { brands: [Brand!]! parent: Company plants: [Plant!]! }
type Alliance implements Node & Subject {
  leader: Company members(on: Date, asOf: DateTime): [Membership!]!
  total(metric: Metric! = DELIVERIES, period: Period!, basis: Basis! = AS_MEMBERS, asOf: DateTime): AllianceTotal!
}
type Model implements Node & Subject { brand: Brand launchedOn: PartialDate powertrains: [Powertrain!]! }
type Plant implements Node & Subject { operator: Company city: String }
type Market implements Node & Subject { parent: Market }
type Membership implements Node {
  id: ID! alliance: Alliance! brand: Brand! company: Company joinedOn: PartialDate leftOn: PartialDate source: Source
}
type Source implements Node {
  id: ID! publisher: Publisher! origin: Publisher! title: String! url: String publishedOn: Date
  figures(first: Int, after: String): FigureConnection!
}
type Publisher implements Node { id: ID! slug: String! name: String! tier: Int! }
type Figure implements Node {
  id: ID! subject: Subject! metric: Metric! unit: Unit! period: Period! within: Market value: Float lower: Float
  upper: Float qualifier: Qualifier! statedChangePercent: Float source: Source! attributedTo: String note: String
  breaks: Boolean! rank: ClaimRank! rankReason: String action: FigureAction! reason: String revises: Figure revisedBy: Figure
  recordedAt: DateTime! knownFrom: DateTime! knownUntil: DateTime
}
type Observation implements Node {
  id: ID! subject: Subject! metric: Metric! unit: Unit! period: Period! periodStart: Date periodEnd: Date! within: Market
  value: Float lower: Float upper: Float qualifier: Qualifier method: Method! best: Figure inputs: [Figure!]!
  claims(includeDeprecated: Boolean = false): [Figure!]! agreement: Agreement! resolution: String!
  change(over: Comparison!): Growth history: [Figure!]! revised: Boolean! missing: [Period!]!
  contradictions: [Contradiction!]! decidedBy: Evidence explanation: String! origins: Int!
  citation: String! url: String! notes: [String!]!
}
type Contradiction implements Node {
  id: ID! kind: ContradictionKind! subject: Subject! metric: Metric! periods: [Period!]! gap: Float! figures: [Figure!]!
  setAside: [Figure!]! explanation: String!
}
type Growth { percent: Float lower: Float upper: Float base: Float stated: Float acrossBreak: Boolean! }
type Series {
  subject: Subject! metric: Metric! unit: Unit! granularity: Granularity! observations: [Observation!]!
  missing: [Period!]!
}
enum CurveStart { FIRST_DELIVERY FOUNDED FIRST_KNOWN }
type Curve { subject: Subject! metric: Metric! alignedTo: CurveStart start: PartialDate points: [CurvePoint!]! }
type Crossing { threshold: Float! earliest: Date latest: Date method: String! }
type CurvePoint { on: Date! monthsSinceStart: Int value: Float lower: Float upper: Float qualifier: Qualifier }
type AllianceTotal {
  value: Float lower: Float upper: Float qualifier: Qualifier method: Method! basis: Basis! membersWithData: Int!
  memberCount: Int! missing: [Period!]! parts: [Observation!]!
}
type Leaderboard {
  metric: Metric! period: Period! latestPeriod: Period entries: [LeaderboardEntry!]! overlaps: [Overlap!]!
  ofPopulation: Int! missing: [Subject!]! total: Float
}
type LeaderboardEntry {
  rank: Int! rankLower: Int! rankUpper: Int! previousRank: Int yearAgoRank: Int subject: Subject! metric: Metric!
  comparable: Boolean! observation: Observation! share: Float
}
type Overlap { part: Subject! whole: Subject! }
type Milestone implements Node {
  id: ID! subject: Subject! kind: MilestoneKind! metric: Metric threshold: Float title: String! reachedOn: PartialDate
  window: [Date!] status: MilestoneStatus! plant: Plant model: Model elapsed: Elapsed claims: [MilestoneClaim!]!
  agreement: Agreement!
}
type Elapsed { months: Int days: Int totalDays: Int since: PartialDate sinceWhat: String stated: Boolean! }
type MilestoneClaim { source: Source! on: PartialDate statedElapsed: StatedElapsed note: String }
type StatedElapsed { value: Float! unit: String! from: String! qualifier: Qualifier! }
type Target implements Node {
  id: ID! subject: Subject! kind: TargetKind! metric: Metric! period: Period deadline: Date value: Float lower: Float
  upper: Float growthMinPercent: Float growthMaxPercent: Float setOn: PartialDate source: Source! revises: Target
  revisedBy: Target
  note: String claims(asOf: DateTime): [TargetClaim!]! progress(asOf: DateTime): TargetProgress!
}
type TargetClaim {
  source: Source! statedMetric: Metric! value: Float lower: Float upper: Float growthMinPercent: Float
  growthMaxPercent: Float note: String
}
type TargetProgress {
  achieved: Float lower: Float upper: Float ratio: Float remaining: Float dataUntil: Date requiredPerMonth: Float
  requiredPerDay: Float paceIndex: Float verdict: TargetVerdict! projectedOn: Date metric: Metric! growth: Growth
  projected: Projection
}
type Projection { value: Float! lower: Float upper: Float method: String! }
input FigureFilter {
  subjects: [String!] metrics: [Metric!] periods: [Period!] sources: [ID!] kinds: [SubjectKind!]
  includeDescendants: Boolean = true currentOnly: Boolean = true recordedSince: DateTime recordedUntil: DateTime
  publishedSince: Date publishedUntil: Date text: String
}
input MilestoneFilter {
  subjects: [String!] kinds: [MilestoneKind!] metrics: [Metric!] threshold: Float statuses: [MilestoneStatus!]
  subjectKinds: [SubjectKind!] includeDescendants: Boolean = false reachedSince: Date reachedUntil: Date text: String
}
input ChangeFilter { subjects: [String!] metrics: [Metric!] includeDescendants: Boolean = true }
type Query {
  node(id: ID!): Node nodes(ids: [ID!]!): [Node]! subject(slug: String!): Subject
  search(query: String!, kinds: [SubjectKind!], first: Int = 10): [Subject!]! brand(slug: String!): Brand
  brands(${PAGE}): BrandConnection! company(slug: String!): Company companies(${PAGE}): CompanyConnection!
  alliance(slug: String!): Alliance alliances(${PAGE}): AllianceConnection! model(slug: String!): Model
  models(${PAGE}): ModelConnection! plant(slug: String!): Plant plants(${PAGE}): PlantConnection!
  market(slug: String!): Market markets(${PAGE}): MarketConnection!
  observation(subject: String!, metric: Metric! = DELIVERIES, metrics: [Metric!], period: Period!, within: String, asOf: DateTime): Observation
  series(
    subjects: [String!]!, metric: Metric! = DELIVERIES, metrics: [Metric!], granularity: Granularity! = MONTH,
    from: PartialDate, to: PartialDate, asOf: DateTime
  ): [Series!]!
  leaderboard(
    metric: Metric! = DELIVERIES, metrics: [Metric!], period: Period, kinds: [SubjectKind!]! = [BRAND],
    withoutParts: Boolean = false, within: String, first: Int = 20, asOf: DateTime
  ): Leaderboard!
  figures(filter: FigureFilter, orderBy: FigureOrder = PERIOD_DESC, asOf: DateTime, ${PAGE}): FigureConnection!
  conflicts(filter: FigureFilter, ${PAGE}, asOf: DateTime): ObservationConnection!
  contradictions(filter: ChangeFilter, asOf: DateTime, ${PAGE}): ContradictionConnection!
  milestones(filter: MilestoneFilter, orderBy: MilestoneOrder = REACHED_ON_ASC, asOf: DateTime, ${PAGE}): MilestoneConnection!
  targets(subjects: [String!], includeDescendants: Boolean! = false, kinds: [TargetKind!], asOf: DateTime, currentOnly: Boolean! = false, ${PAGE}): TargetConnection! sources(${PAGE}): SourceConnection!
  changes(after: Cursor, before: Cursor, first: Int = 50, last: Int, since: DateTime, until: DateTime, filter: ChangeFilter): ChangeConnection!
  head: Cursor!
}
type UserError { code: UserErrorCode! path: [String!]! message: String! didYouMean: [String!]! }
enum UserErrorCode {
  UNKNOWN_SUBJECT UNKNOWN_SOURCE UNKNOWN_FIGURE ALREADY_RECORDED ALREADY_EXISTS STALE_REVISION FUTURE_PERIOD
  NEGATIVE_VALUE INVALID_VALUE INVALID_PERIOD INVALID_UNIT SUSPECT_MAGNITUDE INVALID_INPUT TOO_MANY
}
input FigureInput {
  subject: String! metric: Metric! period: Period! within: String value: Float lower: Float upper: Float
  qualifier: Qualifier! = EXACT statedChangePercent: Float sourceId: ID! attributedTo: String note: String
  breaks: Boolean = false acknowledgeOutlier: Boolean = false
}
input RevisionInput {
  value: Float lower: Float upper: Float qualifier: Qualifier! = EXACT sourceId: ID reason: String!
  acknowledgeOutlier: Boolean = false
}
input RevisionOf { id: ID! input: RevisionInput! }
input SourceInput { publisher: PublisherInput! title: String! url: String publishedOn: Date origin: String }
input PublisherInput { slug: String! name: String tier: Int }
input SubjectInput {
  kind: SubjectKind! slug: String! name: String! nameZh: String aliases: [String!] parent: String
  foundedOn: PartialDate launchedOn: PartialDate firstDeliveryOn: PartialDate powertrains: [Powertrain!] city: String
  leader: String operator: String
}
input SubjectPatch {
  name: String nameZh: String aliases: [String!] parent: String foundedOn: PartialDate launchedOn: PartialDate
  firstDeliveryOn: PartialDate powertrains: [Powertrain!] city: String leader: String operator: String
}
input MilestoneInput {
  subject: String! kind: MilestoneKind! metric: Metric threshold: Float title: String! reachedOn: PartialDate
  plant: String model: String statedElapsed: StatedElapsedInput expected: Boolean = false sourceId: ID! note: String
}
input StatedElapsedInput { value: Float! unit: String! from: String! qualifier: Qualifier! = EXACT }
input TargetInput {
  subject: String! kind: TargetKind! = TARGET metric: Metric! period: Period deadline: Date value: Float lower: Float
  upper: Float growthMinPercent: Float growthMaxPercent: Float setOn: PartialDate sourceId: ID! revises: ID note: String
}
input MembershipInput { alliance: String! brand: String! company: String joinedOn: PartialDate sourceId: ID }
type RegisterSourcePayload { source: Source deduplicated: Boolean! userErrors: [UserError!]! }
type SubjectPayload { subject: Subject cursor: Cursor userErrors: [UserError!]! }
type MilestonePayload { milestone: Milestone cursor: Cursor userErrors: [UserError!]! }
type TargetPayload { target: Target cursor: Cursor userErrors: [UserError!]! }
type MembershipPayload { membership: Membership cursor: Cursor userErrors: [UserError!]! }
type RecordFigurePayload {
  figure: Figure observation: Observation deduplicated: Boolean! milestones: [Milestone!]! cursor: Cursor
  userErrors: [UserError!]!
}
type RecordFiguresPayload {
  figures: [Figure!]! deduplicated: Int! milestones: [Milestone!]! cursor: Cursor userErrors: [UserError!]!
}
type Mutation {
  registerSource(input: SourceInput!): RegisterSourcePayload! createSubject(input: SubjectInput!): SubjectPayload!
  updateSubject(slug: String!, input: SubjectPatch!): SubjectPayload!
  recordFigure(input: FigureInput!): RecordFigurePayload!
  recordFigures(inputs: [FigureInput!]!): RecordFiguresPayload!
  reviseFigure(id: ID!, input: RevisionInput!): RecordFigurePayload!
  reviseFigures(inputs: [RevisionOf!]!): RecordFiguresPayload!
  withdrawFigure(id: ID!, reason: String!): RecordFigurePayload!
  rankFigure(id: ID!, rank: ClaimRank!, reason: String!): RecordFigurePayload!
  announceMilestone(input: MilestoneInput!): MilestonePayload! setTarget(input: TargetInput!): TargetPayload!
  joinAlliance(input: MembershipInput!): MembershipPayload!
  leaveAlliance(membershipId: ID!, leftOn: PartialDate!): MembershipPayload!
}
interface Change { cursor: Cursor! at: DateTime! subject: Subject! }
type FigureChange implements Change {
  cursor: Cursor! at: DateTime! subject: Subject! action: FigureAction! figure: Figure! observation: Observation
  before: Float affected: [Observation!]!
}
type MilestoneChange implements Change {
  cursor: Cursor! at: DateTime! subject: Subject! milestone: Milestone! status: MilestoneStatus! causedBy: Figure
}
type ContradictionChange implements Change {
  cursor: Cursor! at: DateTime! subject: Subject! contradiction: Contradiction! resolved: Boolean! causedBy: Figure
}
type TargetChange implements Change { cursor: Cursor! at: DateTime! subject: Subject! target: Target! }
type SubjectChange implements Change { cursor: Cursor! at: DateTime! subject: Subject! }
type MembershipChange implements Change { cursor: Cursor! at: DateTime! subject: Subject! membership: Membership! }
type Subscription {
  figureRecorded(filter: FigureFilter, after: Cursor): FigureChange!
  milestoneReached(filter: MilestoneFilter, after: Cursor): MilestoneChange!
  changes(filter: ChangeFilter, after: Cursor): Change! live: Query!
}
`;

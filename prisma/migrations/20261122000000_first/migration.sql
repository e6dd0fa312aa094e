-- CreateEnum
CREATE TYPE "SubjectKind" AS ENUM ('BRAND', 'COMPANY', 'ALLIANCE', 'MODEL', 'PLANT', 'MARKET');

-- CreateEnum
CREATE TYPE "Powertrain" AS ENUM ('BEV', 'EREV', 'PHEV', 'ICE');

-- CreateEnum
CREATE TYPE "Metric" AS ENUM ('DELIVERIES', 'PRODUCTION', 'SALES', 'WHOLESALE', 'RETAIL', 'REGISTRATIONS', 'EXPORTS', 'MARKET_SHARE', 'REVENUE', 'RND_SPEND', 'BATTERY_SWAPS', 'CHARGING_STATIONS', 'SWAP_STATIONS', 'COUNTRIES', 'SALES_OUTLETS', 'ASSEMBLY_PLANTS', 'LOGISTICS_HUBS', 'SUPPLIERS');

-- CreateEnum
CREATE TYPE "Qualifier" AS ENUM ('EXACT', 'ABOUT', 'OVER', 'UNDER', 'BETWEEN');

-- CreateEnum
CREATE TYPE "ClaimRank" AS ENUM ('PREFERRED', 'NORMAL', 'DEPRECATED');

-- CreateEnum
CREATE TYPE "FigureAction" AS ENUM ('RECORDED', 'REVISED', 'WITHDRAWN', 'RANKED');

-- CreateEnum
CREATE TYPE "Agreement" AS ENUM ('SOLE', 'AGREES', 'CONFLICTS');

-- CreateEnum
CREATE TYPE "MilestoneKind" AS ENUM ('UNITS', 'LAUNCH', 'FIRST_DELIVERY', 'FIRST_PROFIT', 'RANKING', 'RECORD', 'OTHER');

-- CreateEnum
CREATE TYPE "MilestoneStatus" AS ENUM ('ANNOUNCED', 'DETECTED', 'CONFIRMED', 'DISPUTED', 'WITHDRAWN', 'EXPECTED');

-- CreateEnum
CREATE TYPE "ChangeKind" AS ENUM ('FIGURE', 'MILESTONE', 'TARGET', 'SUBJECT', 'MEMBERSHIP');

-- CreateEnum
CREATE TYPE "KeyScope" AS ENUM ('READ', 'WRITE', 'ADMIN');

-- CreateTable
CREATE TABLE "Subject" (
    "id" SERIAL NOT NULL,
    "kind" "SubjectKind" NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameZh" TEXT,
    "aliases" TEXT[],
    "parentId" INTEGER,
    "leaderId" INTEGER,
    "operatorId" INTEGER,
    "foundedOn" TEXT,
    "launchedOn" TEXT,
    "firstDeliveryOn" TEXT,
    "powertrains" "Powertrain"[],
    "city" TEXT,
    "brandsComplete" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Subject_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Membership" (
    "id" SERIAL NOT NULL,
    "allianceId" INTEGER NOT NULL,
    "brandId" INTEGER NOT NULL,
    "companyId" INTEGER,
    "joinedOn" TEXT,
    "leftOn" TEXT,
    "sourceId" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Publisher" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tier" INTEGER NOT NULL,

    CONSTRAINT "Publisher_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Source" (
    "id" SERIAL NOT NULL,
    "publisherId" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "url" TEXT,
    "publishedOn" DATE,
    "identity" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Figure" (
    "id" SERIAL NOT NULL,
    "subjectId" INTEGER NOT NULL,
    "metric" "Metric" NOT NULL,
    "period" TEXT NOT NULL,
    "periodStart" DATE,
    "periodEnd" DATE NOT NULL,
    "withinId" INTEGER,
    "value" DOUBLE PRECISION,
    "lower" DOUBLE PRECISION,
    "upper" DOUBLE PRECISION,
    "qualifier" "Qualifier" NOT NULL,
    "statedChangePercent" DOUBLE PRECISION,
    "sourceId" INTEGER NOT NULL,
    "attributedTo" TEXT,
    "note" TEXT,
    "rank" "ClaimRank" NOT NULL DEFAULT 'NORMAL',
    "rankReason" TEXT,
    "action" "FigureAction" NOT NULL DEFAULT 'RECORDED',
    "reason" TEXT,
    "revisesId" INTEGER,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "knownFrom" TIMESTAMPTZ(3) NOT NULL,
    "knownUntil" TIMESTAMPTZ(3),
    "claimKey" TEXT,

    CONSTRAINT "Figure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Observation" (
    "id" SERIAL NOT NULL,
    "subjectId" INTEGER NOT NULL,
    "metric" "Metric" NOT NULL,
    "period" TEXT NOT NULL,
    "periodStart" DATE,
    "periodEnd" DATE NOT NULL,
    "withinId" INTEGER,
    "slot" TEXT NOT NULL,
    "value" DOUBLE PRECISION,
    "lower" DOUBLE PRECISION,
    "upper" DOUBLE PRECISION,
    "qualifier" "Qualifier" NOT NULL,
    "bestId" INTEGER,
    "agreement" "Agreement" NOT NULL,
    "resolution" TEXT NOT NULL,
    "revised" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Observation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Milestone" (
    "id" SERIAL NOT NULL,
    "subjectId" INTEGER NOT NULL,
    "kind" "MilestoneKind" NOT NULL,
    "metric" "Metric",
    "threshold" DOUBLE PRECISION,
    "title" TEXT NOT NULL,
    "reachedOn" TEXT,
    "sortOn" DATE NOT NULL,
    "elapsedSort" INTEGER NOT NULL DEFAULT 2147483647,
    "windowFrom" DATE,
    "windowUntil" DATE,
    "status" "MilestoneStatus" NOT NULL,
    "plantId" INTEGER,
    "modelId" INTEGER,
    "key" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Milestone_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MilestoneClaim" (
    "id" SERIAL NOT NULL,
    "milestoneId" INTEGER NOT NULL,
    "sourceId" INTEGER NOT NULL,
    "on" TEXT,
    "statedElapsedValue" DOUBLE PRECISION,
    "statedElapsedUnit" TEXT,
    "statedElapsedFrom" TEXT,
    "statedElapsedQualifier" "Qualifier",
    "expected" BOOLEAN NOT NULL DEFAULT false,
    "note" TEXT,
    "rank" "ClaimRank" NOT NULL DEFAULT 'NORMAL',
    "rankReason" TEXT,
    "identity" TEXT NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MilestoneClaim_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Target" (
    "id" SERIAL NOT NULL,
    "subjectId" INTEGER NOT NULL,
    "metric" "Metric" NOT NULL,
    "period" TEXT,
    "periodStart" DATE,
    "periodEnd" DATE,
    "deadline" DATE,
    "value" DOUBLE PRECISION,
    "growthMinPercent" DOUBLE PRECISION,
    "growthMaxPercent" DOUBLE PRECISION,
    "setOn" TEXT,
    "sourceId" INTEGER NOT NULL,
    "revisesId" INTEGER,
    "note" TEXT,
    "identity" TEXT NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Target_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Change" (
    "position" BIGINT NOT NULL,
    "kind" "ChangeKind" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "subjectId" INTEGER NOT NULL,
    "figureId" INTEGER,
    "milestoneId" INTEGER,
    "targetId" INTEGER,
    "membershipId" INTEGER,
    "action" "FigureAction",
    "status" "MilestoneStatus",
    "statusBefore" "MilestoneStatus",
    "causedById" INTEGER,
    "observation" JSONB,
    "before" DOUBLE PRECISION,

    CONSTRAINT "Change_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "ChangeLog" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,
    "prunedThrough" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ChangeLog_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SeedLoad" (
    "hash" TEXT NOT NULL,
    "loadedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SeedLoad_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" SERIAL NOT NULL,
    "label" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" "KeyScope"[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Subject_slug_key" ON "Subject"("slug");

-- CreateIndex
CREATE INDEX "Subject_kind_id_idx" ON "Subject"("kind", "id");

-- CreateIndex
CREATE INDEX "Subject_parentId_idx" ON "Subject"("parentId");

-- CreateIndex
CREATE INDEX "Subject_leaderId_idx" ON "Subject"("leaderId");

-- CreateIndex
CREATE INDEX "Subject_operatorId_idx" ON "Subject"("operatorId");

-- CreateIndex
CREATE INDEX "Membership_allianceId_idx" ON "Membership"("allianceId");

-- CreateIndex
CREATE INDEX "Membership_brandId_idx" ON "Membership"("brandId");

-- CreateIndex
CREATE UNIQUE INDEX "Publisher_slug_key" ON "Publisher"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "Source_identity_key" ON "Source"("identity");

-- CreateIndex
CREATE INDEX "Source_publisherId_idx" ON "Source"("publisherId");

-- CreateIndex
CREATE UNIQUE INDEX "Figure_revisesId_key" ON "Figure"("revisesId");

-- CreateIndex
CREATE UNIQUE INDEX "Figure_claimKey_key" ON "Figure"("claimKey");

-- CreateIndex
CREATE INDEX "Figure_subjectId_metric_periodEnd_idx" ON "Figure"("subjectId", "metric", "periodEnd");

-- CreateIndex
CREATE INDEX "Figure_sourceId_idx" ON "Figure"("sourceId");

-- CreateIndex
CREATE INDEX "Figure_withinId_idx" ON "Figure"("withinId");

-- CreateIndex
CREATE INDEX "Figure_metric_period_idx" ON "Figure"("metric", "period");

-- CreateIndex
CREATE UNIQUE INDEX "Observation_slot_key" ON "Observation"("slot");

-- CreateIndex
CREATE INDEX "Observation_subjectId_metric_periodEnd_idx" ON "Observation"("subjectId", "metric", "periodEnd");

-- CreateIndex
CREATE INDEX "Observation_metric_period_idx" ON "Observation"("metric", "period");

-- CreateIndex
CREATE INDEX "Observation_agreement_idx" ON "Observation"("agreement");

-- CreateIndex
CREATE UNIQUE INDEX "Milestone_key_key" ON "Milestone"("key");

-- CreateIndex
CREATE INDEX "Milestone_subjectId_sortOn_idx" ON "Milestone"("subjectId", "sortOn");

-- CreateIndex
CREATE INDEX "Milestone_sortOn_id_idx" ON "Milestone"("sortOn", "id");

-- CreateIndex
CREATE INDEX "Milestone_elapsedSort_id_idx" ON "Milestone"("elapsedSort", "id");

-- CreateIndex
CREATE INDEX "Milestone_kind_threshold_idx" ON "Milestone"("kind", "threshold");

-- CreateIndex
CREATE UNIQUE INDEX "MilestoneClaim_identity_key" ON "MilestoneClaim"("identity");

-- CreateIndex
CREATE INDEX "MilestoneClaim_milestoneId_idx" ON "MilestoneClaim"("milestoneId");

-- CreateIndex
CREATE INDEX "MilestoneClaim_sourceId_idx" ON "MilestoneClaim"("sourceId");

-- CreateIndex
CREATE UNIQUE INDEX "Target_revisesId_key" ON "Target"("revisesId");

-- CreateIndex
CREATE UNIQUE INDEX "Target_identity_key" ON "Target"("identity");

-- CreateIndex
CREATE INDEX "Target_subjectId_idx" ON "Target"("subjectId");

-- CreateIndex
CREATE INDEX "Target_sourceId_idx" ON "Target"("sourceId");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- AddForeignKey
ALTER TABLE "Subject" ADD CONSTRAINT "Subject_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Subject" ADD CONSTRAINT "Subject_leaderId_fkey" FOREIGN KEY ("leaderId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Subject" ADD CONSTRAINT "Subject_operatorId_fkey" FOREIGN KEY ("operatorId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_allianceId_fkey" FOREIGN KEY ("allianceId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_brandId_fkey" FOREIGN KEY ("brandId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Source" ADD CONSTRAINT "Source_publisherId_fkey" FOREIGN KEY ("publisherId") REFERENCES "Publisher"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Figure" ADD CONSTRAINT "Figure_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Figure" ADD CONSTRAINT "Figure_withinId_fkey" FOREIGN KEY ("withinId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Figure" ADD CONSTRAINT "Figure_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Figure" ADD CONSTRAINT "Figure_revisesId_fkey" FOREIGN KEY ("revisesId") REFERENCES "Figure"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Observation" ADD CONSTRAINT "Observation_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Observation" ADD CONSTRAINT "Observation_withinId_fkey" FOREIGN KEY ("withinId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Observation" ADD CONSTRAINT "Observation_bestId_fkey" FOREIGN KEY ("bestId") REFERENCES "Figure"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Milestone" ADD CONSTRAINT "Milestone_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Milestone" ADD CONSTRAINT "Milestone_plantId_fkey" FOREIGN KEY ("plantId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Milestone" ADD CONSTRAINT "Milestone_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MilestoneClaim" ADD CONSTRAINT "MilestoneClaim_milestoneId_fkey" FOREIGN KEY ("milestoneId") REFERENCES "Milestone"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MilestoneClaim" ADD CONSTRAINT "MilestoneClaim_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Target" ADD CONSTRAINT "Target_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Target" ADD CONSTRAINT "Target_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Target" ADD CONSTRAINT "Target_revisesId_fkey" FOREIGN KEY ("revisesId") REFERENCES "Target"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_figureId_fkey" FOREIGN KEY ("figureId") REFERENCES "Figure"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_milestoneId_fkey" FOREIGN KEY ("milestoneId") REFERENCES "Milestone"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_targetId_fkey" FOREIGN KEY ("targetId") REFERENCES "Target"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_membershipId_fkey" FOREIGN KEY ("membershipId") REFERENCES "Membership"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Change" ADD CONSTRAINT "Change_causedById_fkey" FOREIGN KEY ("causedById") REFERENCES "Figure"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Added by hand: every database names its change log itself.
insert into "ChangeLog" (id, name) values (1, substr(replace(gen_random_uuid()::text, '-', ''), 1, 16));

alter table "ApiKey" add column "lastUsedAt" timestamptz(3);

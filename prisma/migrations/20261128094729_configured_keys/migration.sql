-- AlterTable
ALTER TABLE "ApiKey" ADD COLUMN     "isConfigured" BOOLEAN NOT NULL DEFAULT false;

-- Added by hand
update "ApiKey" set "isConfigured" = true where "label" = 'MILEPOST_ADMIN_KEY';

import { Prisma } from '../database/generated/client.ts';

/**
 * Pairs of a subject and what is directly below it: a company's companies, brands and plants, a brand's parts and models, an alliance's present
 * members, a market's parts. The function append_changes of the database has the same.
 */
export const EDGES: Prisma.Sql = Prisma.sql`
  (select "parentId" as above, id as below from "Subject" where "parentId" is not null
   union all
   select "operatorId", id from "Subject" where "operatorId" is not null
   union all
   select "allianceId", "brandId" from "Membership" where "leftOn" is null)`;

import { builder } from './builder.ts';
import './scalars.ts';
import './subject.ts';
import './brand.ts';
import './company.ts';
import './alliance.ts';
import './model.ts';
import './plant.ts';
import './market.ts';
import './source.ts';
import './observation.ts';
import './citation.ts';
import './series.ts';
import './curve.ts';
import './next-milestone.ts';
import './known-metric.ts';
import './conflict.ts';
import './leaderboard.ts';
import './alliance-total.ts';
import './figure.ts';
import './milestone.ts';
import './target.ts';
import './target-progress.ts';
import './change.ts';
import './contradiction.ts';
import { describeGenerated } from './describe-generated.ts';

/** The whole public schema. */
export const schema = describeGenerated(builder.toSchema());

/** The process that runs Belay and, beside it, what the machine needs without an engine. Told what to do by messages. */

import { serve } from '../serve.mjs';
import type { Contender, Limit, Variant, Work } from '../work.ts';
import { LIMITS, VARIANTS } from '../work.ts';
import { measureLimit } from './limits.ts';
import { measureBelay } from './measure.ts';

serve(async (contender: Contender, work: Work, folder: string) => {
  if (LIMITS.some((limit) => limit === contender)) return await measureLimit(contender as Limit, work, folder);
  if (VARIANTS.some((variant) => variant === contender)) return await measureBelay(contender as Variant, work, folder);
  return undefined;
});

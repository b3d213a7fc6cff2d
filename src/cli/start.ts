#!/usr/bin/env node
/** What Node has compiled is kept from one call to the next: reading Belay's code anew takes longer than most commands do. */
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// In the user's own folder: code that somebody else could have put there is not run. Node 20 has no such cache.
nodeModule.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'belay', 'compiled'));
await import('./main.ts');

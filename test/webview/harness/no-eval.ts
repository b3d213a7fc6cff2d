/** Imported before everything else: the page's policy forbids evaluating text as code, which zod tries when it makes object schemas. */
import { config } from 'zod';

config({ jitless: true });

/**
 * Imported before everything else: the page's content security policy forbids evaluating text as code, which zod does to speed
 * up object schemas. Without it zod would try, be refused, and leave a violation in the log of every editor.
 */
import { config } from 'zod';

config({ jitless: true });

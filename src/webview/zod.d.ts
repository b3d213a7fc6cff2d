/** Made by the build of the web view, where 'zod' is a stand-in until it is loaded. */
declare module 'belay:zod' {
  /** Thrown where zod is needed and is not there yet. */
  export class NotLoaded extends Error {}
  export function loadZod(): Promise<void>;
}

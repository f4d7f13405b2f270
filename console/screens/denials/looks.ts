/** How long to wait for the next look at the denials, in milliseconds. */

export const shortest = 5_000
export const longest = 60_000

/** What a look brought: something new, nothing new, or a failure. `retryAfterSeconds` is that of a 429. */
export type Look =
  | { readonly is: 'new' }
  | { readonly is: 'same' }
  | { readonly is: 'failed'; readonly retryAfterSeconds: number | null }

/**
 * Looks count against the organization's rate limit. So they get rarer while nothing comes, by half each time, and twice as rare after a
 * failure, but never come before the time that the API asks for.
 */
export const nextWait = (wait: number, look: Look): number => {
  if (look.is === 'new') return shortest
  if (look.is === 'same') return Math.min(longest, wait * 1.5)
  return Math.max(Math.min(longest, wait * 2), (look.retryAfterSeconds ?? 0) * 1000)
}

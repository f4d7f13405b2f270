/** For a log of what goes on behind mails. Never the message: SES puts addresses into its own. */
export const errorName = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return error.cause instanceof Error ? `${error.name} (${error.cause.name})` : error.name
}

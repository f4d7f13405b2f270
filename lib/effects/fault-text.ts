/** HTTP status and request id from `$metadata`, which the AWS SDK for JavaScript v3 puts on service errors. */
const metadataOf = (error: Error): string => {
  const metadata: unknown = Reflect.get(error, '$metadata')
  if (typeof metadata !== 'object' || metadata === null) return ''
  const status: unknown = Reflect.get(metadata, 'httpStatusCode')
  const requestId: unknown = Reflect.get(metadata, 'requestId')
  const parts = [
    ...(typeof status === 'number' ? [`HTTP ${status}`] : []),
    ...(typeof requestId === 'string' ? [`AWS request ${requestId}`] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/**
 * An unexpected error and its causes for the log: `DomainError: temporarily_unavailable, caused by ThrottlingException: Rate
 * exceeded (HTTP 400, AWS request 4KB…)`. For errors of DynamoDB and KMS, whose messages contain no secrets. Mail uses `errorName`.
 */
export const faultText = (fault: unknown): string => {
  const texts: string[] = []
  for (let error = fault; error !== undefined && texts.length < 4; ) {
    if (!(error instanceof Error)) {
      texts.push('unknown')
      break
    }
    texts.push(`${error.name}: ${error.message}${metadataOf(error)}`)
    error = error.cause
  }
  return texts.join(', caused by ')
}

/** An error's name and its cause's name, for logs about mail. Omits the messages, because SES puts addresses into them. */
export const errorName = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return error.cause instanceof Error ? `${error.name} (${error.cause.name})` : error.name
}

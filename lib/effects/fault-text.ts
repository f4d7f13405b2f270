/** What an AWS service says of its own error: `$metadata` of the SDK for JavaScript v3. */
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
 * An unexpected error for the log, with what caused it: `DomainError: temporarily_unavailable, caused by ThrottlingException: Rate
 * exceeded (HTTP 400, AWS request 4KB…)`. For errors of the table and of KMS, whose messages hold no secret; not for mail (`errorName`).
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

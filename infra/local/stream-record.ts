import type { _Record } from '@aws-sdk/client-dynamodb-streams'

/** A change of the table as a function gets it: JSON of DynamoDB's protocol, with binary values in base64. */
export type StreamRecord = {
  readonly sequenceNumber: string
  /** Milliseconds since 1970, whole seconds. */
  readonly createdAt: number
  readonly event: object
}

export function streamRecord(record: _Record, streamArn: string): StreamRecord {
  const { ApproximateCreationDateTime, ...change } = record.dynamodb ?? {}
  const createdAt = ApproximateCreationDateTime?.getTime() ?? 0
  const event = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: record.awsRegion,
    ...(record.userIdentity && {
      userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId },
    }),
    eventSourceARN: streamArn,
    dynamodb: { ApproximateCreationDateTime: createdAt / 1000, ...change },
  }
  return {
    sequenceNumber: change.SequenceNumber ?? '',
    createdAt,
    event: JSON.parse(JSON.stringify(event, binaryAsBase64)),
  }
}

function binaryAsBase64(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

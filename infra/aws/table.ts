import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb'
import type { RemovalPolicy } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { tableSchema } from '../../lib/table/schema.ts'

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** The only table. Its names come from lib/table/schema.ts, which the stores also use. */
export const createTable = (
  scope: Construct,
  removalPolicy: RemovalPolicy,
  deletionProtection: boolean,
): Table => {
  const table = new Table(scope, 'Table', {
    partitionKey: text(tableSchema.partitionKey),
    sortKey: text(tableSchema.sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    stream: StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: tableSchema.timeToLive,
    // The AWS managed key: CloudTrail records its use, which satisfies the usual audits. Nobody can edit or delete it,
    // and no role needs a permission on it. The table contains no secret in clear text.
    encryption: TableEncryption.AWS_MANAGED,
    deletionProtection,
    removalPolicy,
  })
  table.addGlobalSecondaryIndex({
    indexName: tableSchema.directoryIndex.name,
    partitionKey: text(tableSchema.directoryIndex.partitionKey),
    sortKey: text(tableSchema.directoryIndex.sortKey),
    projectionType: ProjectionType.ALL,
  })
  for (const name of tableSchema.words.names) {
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: text(tableSchema.words.partitionKey),
      sortKey: text(name),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...tableSchema.words.projected],
    })
  }
  for (const name of tableSchema.timelines.names) {
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: text(name),
      sortKey: text(tableSchema.timelines.sortKey),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: tableSchema.timelines.names.filter((other) => other !== name),
    })
  }
  return table
}

import type { References } from './intrinsics.ts'
import type { Template } from './template.ts'

export const localRegion = 'us-east-1'
export const localAccount = '000000000000'

/** Values that exist only at run time. */
export type LocalValues = {
  /** Origin of the gateway: `http://localhost:3000`. */
  readonly apiOrigin: string
  /** KMS key id of each key of the template, by logical id. */
  readonly keyIds: ReadonlyMap<string, string>
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::Region': localRegion,
  'AWS::AccountId': localAccount,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'postern-local',
  'AWS::StackId': `arn:aws:cloudformation:${localRegion}:${localAccount}:stack/postern-local/local`,
}

/** Resolves the references of a template to local values. A resource's name is its logical id. */
export function localReferences(template: Template, { apiOrigin, keyIds }: LocalValues): References {
  const typeOf = (logicalId: string) => template.Resources[logicalId]?.Type
  return {
    ref: (name) => {
      if (Object.hasOwn(pseudoParameters, name)) return pseudoParameters[name]
      const parameter = template.Parameters[name]?.Default
      if (parameter !== undefined) return String(parameter)
      if (typeOf(name) === 'AWS::KMS::Key') return keyIds.get(name)
      if (typeOf(name) === 'AWS::ApiGatewayV2::Api') return gatewayIdOf(name)
      return typeOf(name) === undefined ? undefined : name
    },
    attribute: (logicalId, attribute) => {
      const arn = (service: string, resource: string) =>
        `arn:aws:${service}:${localRegion}:${localAccount}:${resource}`
      switch (`${typeOf(logicalId)} ${attribute}`) {
        case 'AWS::Lambda::Function Arn':
          return functionArn(logicalId)
        case 'AWS::DynamoDB::Table Arn':
        case 'AWS::DynamoDB::GlobalTable Arn':
          return arn('dynamodb', `table/${logicalId}`)
        case 'AWS::DynamoDB::Table StreamArn':
        case 'AWS::DynamoDB::GlobalTable StreamArn':
          return arn('dynamodb', `table/${logicalId}/stream/local`)
        case 'AWS::KMS::Key Arn':
          return arn('kms', `key/${keyIds.get(logicalId)}`)
        case 'AWS::KMS::Key KeyId':
          return keyIds.get(logicalId)
        case 'AWS::Logs::LogGroup Arn':
          return arn('logs', `log-group:${logicalId}:*`)
        case 'AWS::IAM::Role Arn':
          return `arn:aws:iam::${localAccount}:role/${logicalId}`
        case 'AWS::SQS::Queue Arn':
          return arn('sqs', logicalId)
        case 'AWS::SQS::Queue QueueName':
          return logicalId
        case 'AWS::ApiGatewayV2::Api ApiEndpoint':
          return apiOrigin
        case 'AWS::ApiGatewayV2::Api ApiId':
          return gatewayIdOf(logicalId)
        default:
          return undefined
      }
    },
  }
}

export const functionArn = (logicalId: string): string =>
  `arn:aws:lambda:${localRegion}:${localAccount}:function:${logicalId}`

/** Lower case, as in AWS. Equal after each restart, so APIs stay bound to it. */
export const gatewayIdOf = (logicalId: string): string => logicalId.toLowerCase()

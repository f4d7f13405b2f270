import type { ServiceOrigins } from './iam/gates.ts'
import { localRegion } from './references.ts'
import type { FunctionDefinition } from './system.ts'

export type LocalEndpoints = ServiceOrigins & {
  /** A folder without AWS settings. */
  readonly emptyFolder: string
  /** Of `Bundles`. */
  readonly taskRoot: string
}

/**
 * A function's whole environment: the template's variables, Lambda's own, and the local AWS endpoints. A function gets nothing
 * of the developer's environment or AWS settings.
 */
export function functionEnvironment(definition: FunctionDefinition, endpoints: LocalEndpoints) {
  return {
    ...definition.environment,
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    // Identifies the function to the gates that replace IAM.
    AWS_ACCESS_KEY_ID: definition.logicalId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: `${endpoints.emptyFolder}/no-config`,
    AWS_SHARED_CREDENTIALS_FILE: `${endpoints.emptyFolder}/no-credentials`,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
    AWS_ENDPOINT_URL_SESV2: endpoints.ses,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: endpoints.taskRoot,
    _HANDLER: `index.${definition.exportName}`,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  }
}

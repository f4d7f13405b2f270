import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { startDynamoDbLocal } from '../../../infra/local/dynamodb-local.ts'
import { functionEnvironment } from '../../../infra/local/function-environment.ts'
import { closeServer } from '../../../infra/local/gateway.ts'
import { createKms } from '../../../infra/local/kms.ts'
import { listen } from '../../../infra/local/listen.ts'
import { localReferences } from '../../../infra/local/references.ts'
import { createSchemaTable } from '../../../infra/local/schema-table.ts'
import { ensureSealingKey } from '../../../infra/local/sealing-key.ts'
import { ensureSigningKey } from '../../../infra/local/signing-key.ts'
import { synthesise } from '../../../infra/local/synth.ts'
import { functionsOf, keyIdsOf, tablesOf } from '../../../infra/local/system.ts'
import { createFirstOrganization } from '../../../lib/organizations/first-organization.ts'
import { argon2Hasher } from '../../../lib/secrets/argon2.ts'
import { callerWith, dependenciesOf, makeCaller } from '../../organizations/organization.ts'

const issuer = 'https://postern.example'

/** The stack's functions with their environments, and a table, keys and callers for their first request. */
export const openScene = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-cold-'))
  const template = await synthesise(folder, AbortSignal.timeout(300_000))
  const database = await startDynamoDbLocal({ inMemory: true })
  const signingKeys = await Promise.all(
    keyIdsOf(template).signing.map(async (id) => [id, await ensureSigningKey(folder, id)] as const),
  )
  const sealingKeys = keyIdsOf(template).sealing.map((id) => [id, ensureSealingKey(folder, id)] as const)
  const kms = createKms(
    signingKeys.map(([, key]) => key),
    sealingKeys.map(([, key]) => key),
  )
  const kmsPort = await listen(kms, 0)
  const keyIds = new Map([...signingKeys, ...sealingKeys].map(([id, { keyId }]) => [id, keyId]))
  const references = localReferences(template, { apiOrigin: issuer, keyIds })

  const [{ logicalId: tableName } = { logicalId: '' }] = tablesOf(template, references)
  const client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await createSchemaTable(client, tableName)
  const table = {
    tableName,
    chance: Math.random,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  }
  const first = await createFirstOrganization(
    {
      ...dependenciesOf(table),
    },
    {
      organization: 'Bench',
      username: 'admin',
      email: 'admin@postern.example',
      credentials: 'shown',
      rateLimitPerMinute: 60_000,
      api: {
        name: 'shop',
        gateways: [{ gatewayId, stage: '$default', basePath: '/' }],
        sections: [{ name: 'orders', title: 'Orders', endpoints: ['GET /orders', 'POST /orders'] }],
      },
    },
  )
  if (!first.created || first.token === undefined) throw new Error('the table was not empty')
  const admin = await callerWith(table, first.token)
  const password = 'a bench passphrase'
  const partner = await makeCaller(
    table,
    admin,
    {
      username: 'partner',
      password,
      permissions: { 'shop/orders': 'read' },
      whitelist: ['203.0.113.0/24'],
    },
    // The tests' own hashes are cheaper, and a login would renew them.
    { ...dependenciesOf(table), hasher: argon2Hasher() },
  )

  const services = {
    dynamodb: database.endpoint,
    kms: `http://127.0.0.1:${kmsPort}`,
    ses: 'http://127.0.0.1:9',
  }
  return {
    folder,
    adminToken: first.token,
    partner: { userId: partner.user.userId, token: partner.token, password },
    /** By name. */
    functions: new Map(
      functionsOf(template, references).map((definition) => [
        definition.name,
        {
          ...definition,
          environment: functionEnvironment(definition, {
            ...services,
            emptyFolder: folder,
            taskRoot: folder,
          }),
        },
      ]),
    ),
    close: async () => {
      await closeServer(kms, 0)
      await database.stop()
    },
  }
}

export const gatewayId = 'a1b2c3d4e5'
export type Scene = Awaited<ReturnType<typeof openScene>>

import * as z from 'zod'
import { batchBody, batchHeaders, batchInWords, batchResult, maximumBatchBytes } from '../contract/batch.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { CredentialImportBody, NewCredentialBody } from './credential-bodies.ts'
import { Credential, exampleCredential, NewCredential } from './credential-shape.ts'

const owner = { userId: field.userId.meta({ description: 'The user that gets the credential.' }) }

const NewCredentialItem = NewCredentialBody.extend(owner).meta({ id: 'NewCredentialItem' })
const CredentialImportItem = CredentialImportBody.extend(owner).meta({ id: 'CredentialImportItem' })

const BatchedCredential = batchResult({
  credential: z
    .union([NewCredential, Credential])
    .optional()
    .meta({ description: 'Includes the `secret` or `token`, shown only once, unless it was imported.' }),
}).meta({ id: 'BatchedCredential' })

export const credentialBatchEndpoints = [
  {
    method: 'POST',
    path: '/v1/keys:batch',
    function: 'keys',
    operationId: 'createCredentials',
    dryRun: true,
    tag: 'credentials',
    summary: 'Create or import up to 100 keys and tokens',
    description: `Each item names its user. An item with a \`hash\` is imported; any other is created. ${batchInWords}`,
    access: { section: 'postern-credentials', level: 'write', scope: 'account-group' },
    batch: {
      list: 'keys',
      operationOf: (item) => ('hash' in item ? 'importCredential' : 'createCredential'),
      inOrderOf: 'userId',
      envelope: batchBody('keys', z.unknown()),
    },
    request: {
      mediaType: 'application/json',
      headers: batchHeaders,
      maximumBodyBytes: maximumBatchBytes,
      body: batchBody('keys', z.union([CredentialImportItem, NewCredentialItem])),
      example: {
        keys: [
          { userId: 'usr_4k2m9x7q1w8e5r3t', name: 'production', kind: 'key' },
          {
            userId: 'usr_4k2m9x7q1w8e5r3t',
            name: 'shop, from the old gateway',
            kind: 'token',
            hash: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
          },
        ],
      },
    },
    response: {
      status: 200,
      description: 'The result of each item',
      mediaType: 'application/json',
      schema: z.object({ results: z.array(BatchedCredential) }),
      example: {
        results: [
          { status: 201, credential: { ...exampleCredential, secret: 'pst_…' } },
          { status: 201, credential: { ...exampleCredential, kind: 'token', imported: true } },
        ],
      },
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]

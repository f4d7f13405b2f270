import * as z from 'zod'
import { batchBody, batchHeaders, batchResult, maximumBatchBytes } from '../contract/batch.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { Credential, exampleCredential, exampleUser, NewCredential, User } from '../contract/shapes.ts'
import { CredentialImportBody, NewCredentialBody } from '../credentials/credential-endpoints.ts'
import { NewUserBody } from './user-endpoints.ts'

/** Hashing one takes some 60 ms of a processor; with these a batch is done in a few seconds. */
export const maximumBatchPasswords = 50

const usersEnvelope = batchBody('users', z.unknown()).check(({ value, issues }) => {
  const { users = [] } = value
  const withPassword = users.flatMap((user, index) =>
    typeof user === 'object' && user !== null && 'password' in user ? [index] : [],
  )
  const tooMany = withPassword[maximumBatchPasswords]
  if (tooMany === undefined) return
  issues.push({
    code: 'custom',
    path: ['users', tooMany, 'password'],
    message: `may stand in at most ${maximumBatchPasswords} items of a batch: hashing takes its time`,
    input: value,
  })
})

const owner = { userId: field.id.meta({ description: 'Whose it is to be.' }) }

const NewCredentialItem = NewCredentialBody.extend(owner).meta({ id: 'NewCredentialItem' })
const CredentialImportItem = CredentialImportBody.extend(owner).meta({ id: 'CredentialImportItem' })

const BatchedUser = batchResult({
  user: User.optional(),
  credential: NewCredential.optional(),
  warnings: z.array(z.string()).optional(),
}).meta({ id: 'BatchedUser' })

const BatchedCredential = batchResult({
  credential: z
    .union([NewCredential, Credential])
    .optional()
    .meta({ description: 'With its `secret` or `token`, this once, unless it was imported.' }),
}).meta({ id: 'BatchedCredential' })

const inWords =
  'Each item is a request of its own, with its own result, in the order of the items: a refused one stops no other. Items that time did not suffice for are 503. Send the same batch again, with refused items corrected, under the same Idempotency-Key: only what was not made is carried out. The batch counts as one request.'

const refused = {
  status: 409,
  problem: {
    type: '/docs#error-username_taken',
    title: 'The username is taken',
    status: 409,
    code: 'username_taken',
    requestId: 'JKJaXmPLvHcESHA=',
    errors: [{ path: 'username', message: 'is taken' }],
  },
} as const

export const batchEndpoints = [
  {
    method: 'POST',
    path: '/v1/users:batch',
    function: 'create-user',
    operationId: 'createUsers',
    dryRun: true,
    tag: 'users',
    summary: 'Create up to 100 API users',
    description: `${inWords} At most ${maximumBatchPasswords} items with \`password\`.`,
    access: { section: 'postern-users', level: 'write', scope: 'account-group' },
    batch: {
      list: 'users',
      operationOf: () => 'createUser',
      inOrderOf: 'username',
      envelope: usersEnvelope,
    },
    request: {
      mediaType: 'application/json',
      headers: batchHeaders,
      maximumBodyBytes: maximumBatchBytes,
      body: batchBody('users', NewUserBody),
      example: {
        users: [
          { username: 'partner-42', role: 'User', whitelist: ['203.0.113.7'] },
          { username: 'partner-43', generate: 'token' },
        ],
      },
    },
    response: {
      status: 200,
      description: 'What became of each item',
      mediaType: 'application/json',
      schema: z.object({ results: z.array(BatchedUser) }),
      example: { results: [{ status: 201, user: exampleUser }, refused] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/keys:batch',
    function: 'keys',
    operationId: 'createCredentials',
    dryRun: true,
    tag: 'credentials',
    summary: 'Make or import up to 100 keys and tokens',
    description: `Each item names its user; one with a \`hash\` is imported, any other is made. ${inWords}`,
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
          { userId: exampleUser.userId, name: 'production', kind: 'key' },
          {
            userId: exampleUser.userId,
            name: 'shop, from the old gateway',
            kind: 'token',
            hash: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
          },
        ],
      },
    },
    response: {
      status: 200,
      description: 'What became of each item',
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

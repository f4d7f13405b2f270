import * as z from 'zod'
import { batchBody, batchHeaders, batchInWords, batchResult, maximumBatchBytes } from '../contract/batch.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { NewCredential } from '../credentials/credential-shape.ts'
import { NewUserBody } from './user-endpoints.ts'
import { exampleUser, User } from './user-shape.ts'

/** One hash takes about 60 ms of CPU time, so a batch takes a few seconds. */
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

const BatchedUser = batchResult({
  user: User.optional(),
  credential: NewCredential.optional(),
  warnings: z.array(z.string()).optional(),
}).meta({ id: 'BatchedUser' })

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

export const userBatchEndpoints = [
  {
    method: 'POST',
    path: '/v1/users:batch',
    function: 'create-user',
    operationId: 'createUsers',
    dryRun: true,
    tag: 'users',
    summary: 'Create up to 100 API users',
    description: `${batchInWords} At most ${maximumBatchPasswords} items with \`password\`.`,
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
          { username: 'partner-43', role: 'User', whitelist: ['203.0.113.7'] },
          { username: 'partner-44', generate: 'token' },
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
] as const satisfies readonly Endpoint[]

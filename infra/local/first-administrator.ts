import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import type { FunctionRunner } from './function-runner.ts'
import { StartError } from './start-error.ts'

const administratorSchema = z.object({ username: z.string(), password: z.string(), token: z.string() })

export type Administrator = z.infer<typeof administratorSchema>

const bootstrapResult = z.discriminatedUnion('created', [
  z.object({ created: z.literal(false) }),
  z.object({ created: z.literal(true), password: z.string(), token: z.string() }),
])

/** Registers the demo API like any other, so that permissions can name it. */
const demoApi = (gatewayId: string) => ({
  name: 'demo',
  audience: 'https://demo.postern.example',
  gateways: [{ gatewayId, stage: '$default', basePath: '/demo' }],
  sections: [
    {
      name: 'orders',
      title: 'Orders of the demo API',
      endpoints: ['GET /orders', 'POST /orders', 'GET /orders/{orderId}'],
    },
  ],
})

/** High enough for experiments and tests. */
const rateLimitPerMinute = 6000

/**
 * Creates the first organization and its administrator in a new table, and stores the credentials, so that a restart can show
 * them again. `undefined` = an administrator exists whose credentials are not in this folder.
 */
export async function ensureAdministrator(
  file: string,
  isNewTable: boolean,
  gatewayId: string,
  bootstrap: Pick<FunctionRunner, 'invoke'>,
): Promise<Administrator | undefined> {
  const isSaved = existsSync(file)
  if (isSaved && !isNewTable) return read(file)
  const username = 'admin'
  const event = {
    organization: 'Demo',
    username,
    email: 'admin@postern.example',
    credentials: 'shown',
    rateLimitPerMinute,
    api: demoApi(gatewayId),
  }
  const result = await bootstrap.invoke(event)
  if (result.type !== 'result') {
    const reason = result.type === 'error' ? result.error.errorMessage : result.type
    throw new StartError(`The first administrator cannot be made: ${reason}`)
  }
  const made = bootstrapResult.parse(result.payload)
  if (!made.created) return undefined
  const administrator = { username, password: made.password, token: made.token }
  writeFileSync(file, JSON.stringify(administrator), { mode: 0o600 })
  return administrator
}

function read(file: string): Administrator {
  try {
    return administratorSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new StartError(`The file ${file} cannot be read: begin anew with \`npm start -- --fresh\`.`)
  }
}

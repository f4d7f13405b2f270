import { vi } from 'vitest'
import { refuseWrongKeys } from '../table/strict-writes.ts'

/**
 * Handlers that are imported after this have this environment, which they read when they are loaded. The files of one worker share all
 * other modules. What they write is checked as what the stores write in other tests.
 */
export const loadHandlersIn = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  vi.resetModules()
  vi.unstubAllEnvs()
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const { DynamoDBDocumentClient } = await import('../../functions/wiring/aws/dynamodb.ts')
  const { from } = DynamoDBDocumentClient
  DynamoDBDocumentClient.from = (client) => {
    const { send } = from(client)
    return {
      send: async (command, options) => {
        refuseWrongKeys(command.input)
        return await send(command, options)
      },
    }
  }
}

import { randomBytes } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { startDynamoDbLocal } from '../../infra/local/dynamodb-local.ts'
import { createSchemaTable } from '../../infra/local/schema-table.ts'
import { newMembershipId, newUserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import { newMember } from '../../lib/users/new-user.ts'
import { dependenciesOf, makeOrganization } from '../organizations/organization.ts'
import { countConsumption } from '../table/consumption.ts'
import { median, type Row } from './row.ts'

const userCount = 100_000
const pageSize = 50
const rounds = 20

const at = '2026-11-21T12:00:00.000Z'
const firstNames = ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Élodie', 'Farah', 'Grace', 'Hiro', 'Ines', 'Jonas']

/** Users of one organization as a migration makes them, of whom one in a thousand is called Zephyr. */
export const fill = async (
  table: Table,
  organizationId: `org_${string}`,
  userCount: number,
): Promise<void> => {
  const items = (index: number) => {
    const member = newMember({
      organizationId,
      userId: newUserId(randomBytes),
      membershipId: newMembershipId(randomBytes),
      username: `partner-${String(index).padStart(6, '0')}`,
      email: `contact.${index}@partner${index % 500}.example`,
      firstName: index % 1000 === 7 ? 'Zephyr' : (firstNames[index % 10] ?? ''),
      lastName: `Example${index % 3000}`,
      allAccountGroupRoles: [6],
      at,
    })
    return [member.user, member.membership]
  }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < userCount) {
      const from = next
      next += 12
      const puts = Array.from({ length: Math.min(12, userCount - from) }, (_, index) => items(from + index))
      const requests = puts.flat().map((Item) => ({ PutRequest: { Item } }))
      await table.client.send(new BatchWriteCommand({ RequestItems: { [table.tableName]: requests } }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

/** With 100,000 users in DynamoDB Local, whose requests are counted by the SDK. */
export const searchRows = async (): Promise<Row[]> => {
  const local = await startDynamoDbLocal({ inMemory: true })
  try {
    const client = new DynamoDBClient({
      endpoint: local.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    const tableName = 'bench'
    await createSchemaTable(client, tableName)
    const options = { marshallOptions: { removeUndefinedValues: true } }
    const table: Table = {
      tableName,
      chance: Math.random,
      client: DynamoDBDocumentClient.from(client, options),
    }
    const { admin, organizationId } = await makeOrganization(table)
    await fill(table, organizationId, userCount)
    const consumed = countConsumption(table)
    const dependencies = dependenciesOf(table)
    const find = (q: string, more = {}) => findUsers(dependencies, admin, { q, limit: pageSize, ...more })
    const list = (more = {}) => listUsers(dependencies, admin, { limit: pageSize, ...more })

    const nobody = () => listUsers(dependencies, admin, { limit: pageSize, status: 'disabled' })
    const measures: readonly (readonly [
      string,
      number,
      number,
      () => Promise<{ users: readonly unknown[] }>,
    ])[] = [
      ['first page of the list', pageSize, 60, () => list()],
      ['last page of the list', pageSize, 60, () => list({ order: 'descending' })],
      ['search that fits nearly all, first page', pageSize, 125, () => find('partner')],
      ['the same, last page', pageSize, 125, () => find('partner', { order: 'descending' })],
      ['search that fits one in a thousand', userCount / 2000, 125, () => find('zeph')],
      ['search of two words', 1, 250, () => find('zephyr example1007')],
      ['search of one user by e-mail', 1, 10, () => find('contact.77777@')],
      ['search of the command palette (8 users)', 8, 25, () => find('part', { limit: 8 })],
      ['search that fits nobody', 0, 5, () => find('nobody')],
      ['filter that fits nobody, a page of 1,000', 0, 100, nobody],
    ]
    const rows: Row[] = []
    for (const [name, expected, mostUnits, run] of measures) {
      const { readUnits } = await consumed(run)
      const times: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const start = performance.now()
        const { users } = await run()
        times.push(performance.now() - start)
        if (users.length < expected) throw new Error(`${name} found ${users.length}`)
      }
      rows.push(
        { name: `100,000 users: ${name}`, value: readUnits, unit: 'RCU', limit: mostUnits },
        { name: `100,000 users: ${name}, time`, value: median(times), unit: 'ms', limit: null },
      )
    }
    return rows
  } finally {
    await local.stop()
  }
}

import { execFileSync } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../../lib/table/document-client.ts'
import type { Laptop } from './laptop.ts'

/** What an operator of the machine can see, and callers cannot. */
export type Inside = {
  readonly table: Table
  readonly functionsLog: () => string
  /** With it, a test can sign what nobody else can. */
  readonly signingKey: () => KeyObject
  /** The database hangs while this works: it takes connections and answers nothing. */
  readonly whileDatabaseHangs: <T>(work: () => Promise<T>) => Promise<T>
}

export const lookInside = async ({ lines, pid }: Laptop): Promise<Inside> => {
  const database = databaseOf(pid)
  const port = / -port (\d+)/.exec(database.command)?.[1]
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const { TableNames: [tableName = ''] = [] } = await client.send(new ListTablesCommand({}))
  return {
    table: { tableName, chance: Math.random, client: DynamoDBDocumentClient.from(client) },
    functionsLog: () => readFileSync(lines['logs'] ?? '', 'utf8'),
    signingKey: () => {
      const folder = join(lines['data'] ?? '', 'keys')
      for (const file of readdirSync(folder)) {
        const saved: { privateKey?: string } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
        // The other key encrypts factors.
        if (saved.privateKey !== undefined) return createPrivateKey(saved.privateKey)
      }
      throw new Error(`no signing key in ${folder}`)
    },
    whileDatabaseHangs: async (work) => {
      process.kill(database.pid, 'SIGSTOP')
      try {
        return await work()
      } finally {
        process.kill(database.pid, 'SIGCONT')
      }
    },
  }
}

type Process = { readonly pid: number; readonly parent: number; readonly command: string }

/** The database among the descendants of the laptop; all other processes on the machine are somebody else's. */
const databaseOf = (laptop: number): Process => {
  const listed = execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const processes = listed.split('\n').flatMap((line): Process[] => {
    const [, pid, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }]
  })
  const ours = new Set([laptop])
  for (let before = 0; before < ours.size; ) {
    before = ours.size
    for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid)
  }
  const isDatabase = ({ pid, command }: Process) =>
    // The shell that guards it has the same words in its command line.
    ours.has(pid) && command.includes('DynamoDBLocal.jar') && !command.startsWith('/bin/sh')
  const found = processes.find(isDatabase)
  if (found === undefined) throw new Error('no process of this laptop runs DynamoDB Local')
  return found
}

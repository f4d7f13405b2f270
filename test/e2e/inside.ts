import { execFileSync } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
  /** Processor time used for hashing so far. Unlike the time on the clock it does not grow when others are busy. */
  readonly hashingMilliseconds: () => number
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
      const file = readdirSync(folder).find((name) => name.endsWith('.json')) ?? ''
      const saved: { privateKey: string } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      return createPrivateKey(saved.privateKey)
    },
    whileDatabaseHangs: async (work) => {
      process.kill(database.pid, 'SIGSTOP')
      try {
        return await work()
      } finally {
        process.kill(database.pid, 'SIGCONT')
      }
    },
    hashingMilliseconds: () => hashingMillisecondsOf(pid),
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

/**
 * The time of the threads of libuv's pool, in which passwords are hashed and little else is done. Only Linux tells times by thread, in
 * ticks of 10 ms; elsewhere it is that of the whole process, which says less.
 */
const hashingMillisecondsOf = (pid: number): number => {
  if (!existsSync(`/proc/${pid}/task`)) {
    const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })
    return text.split(':').reduce((total, part) => total * 60 + Number(part), 0) * 1000
  }
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => readThread(`/proc/${pid}/task/${id}/stat`))
  const pool = threads.filter(({ name }) => name === 'libuv-worker')
  return pool.reduce((total, { ticks }) => total + ticks * 10, 0)
}

const readThread = (file: string): { readonly name: string; readonly ticks: number } => {
  try {
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(file, 'utf8')) ?? []
    const fields = rest.split(' ')
    return { name, ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return { name: 'ended', ticks: 0 }
  }
}

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { dataFormat } from './data-format.ts'
import { lockFolder } from './folder-lock.ts'
import { StartError } from './start-error.ts'

/** All files that Postern writes there; `--fresh` removes only these. */
const names = {
  marker: 'postern.json',
  lock: 'lock',
  database: 'dynamodb',
  keys: 'keys',
  streams: 'streams',
  deadLetters: 'dead-letters',
  mails: 'mails.jsonl',
  administrator: 'administrator.json',
  log: 'functions.log',
  builds: 'builds',
} as const

export type DataFolder = {
  readonly path: string
  readonly at: (name: keyof typeof names) => string
  readonly release: () => void
}

/**
 * Locks the data folder for this process and, if `fresh`, removes Postern's files from it.
 * Throws a StartError when it cannot be used.
 */
export function openDataFolder(path: string, fresh: boolean): DataFolder {
  const folder = resolve(path)
  const at = (name: keyof typeof names) => join(folder, names[name])
  makeUsable(folder)
  const present = readdirSync(folder)
  const foreign = Object.values(names).find((name) => present.includes(name))
  const isOurs = present.includes(names.marker)
  if (!isOurs && foreign !== undefined) {
    throw new StartError(
      `The data folder ${folder} holds a "${foreign}" that Postern did not write: name another folder.`,
    )
  }
  if (!isOurs) writeFileSync(at('marker'), JSON.stringify({ format: dataFormat() }))
  const release = lockFolder(at('lock'), folder)
  try {
    if (fresh) {
      empty(folder)
      writeFileSync(at('marker'), JSON.stringify({ format: dataFormat() }))
    }
    checkMarker(at('marker'), folder)
  } catch (error) {
    release()
    throw error
  }
  return { path: folder, at, release }
}

function makeUsable(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new StartError(`The data folder ${folder} is a file: set POSTERN_DATA to a folder.`)
  }
  try {
    makeFolder(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const probe = join(folder, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartError(
      `The data folder ${folder} cannot be written (${reason}): set POSTERN_DATA to a folder that can.`,
    )
  }
}

/** Avoids mkdir's `recursive`, which never returns in a file system that refuses new folders with ENOENT, such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

function empty(folder: string): void {
  for (const name of Object.values(names)) {
    if (name !== names.lock) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function checkMarker(file: string, folder: string): void {
  const begin = 'begin anew with `npm start -- --fresh`.'
  let format: unknown
  try {
    format = JSON.parse(readFileSync(file, 'utf8')).format
  } catch {
    throw new StartError(`The data folder ${folder} is damaged (${names.marker} cannot be read): ${begin}`)
  }
  if (format !== dataFormat()) {
    throw new StartError(
      `The data folder ${folder} was written by another version of Postern, which stored its items otherwise: ${begin}`,
    )
  }
}

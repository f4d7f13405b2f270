import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from '../../../infra/local/data-folder.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-data-'))
  folder = join(root, 'deep/data')
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (name: string, text = '') => writeFileSync(join(folder, name), text)

describe('openDataFolder', () => {
  it('makes the folder', () => {
    const data = openDataFolder(folder, false)
    expect(existsSync(folder)).toBe(true)
    expect(data.at('database')).toBe(join(folder, 'dynamodb'))
    data.release()
  })

  it('keeps what is there', () => {
    openDataFolder(folder, false).release()
    write('mails.jsonl')
    openDataFolder(folder, false).release()
    expect(readdirSync(folder)).toContain('mails.jsonl')
  })

  it('removes on --fresh what Postern wrote, and nothing else', () => {
    openDataFolder(folder, false).release()
    mkdirSync(join(folder, 'dynamodb/deep'), { recursive: true })
    for (const name of ['mails.jsonl', 'administrator.json', 'my-notes.txt']) write(name)
    openDataFolder(folder, true).release()
    expect(readdirSync(folder).toSorted()).toEqual(['my-notes.txt', 'postern.json'])
  })

  it('does not take over files of the same names in a folder that it did not make', () => {
    mkdirSync(folder, { recursive: true })
    write('mails.jsonl', 'precious')
    for (const fresh of [false, true]) expect(() => openDataFolder(folder, fresh)).toThrow(/did not write/)
    expect(readdirSync(folder)).toEqual(['mails.jsonl'])
  })

  it('refuses a second Postern, and lets it in when the first is done', () => {
    const first = openDataFolder(folder, false)
    expect(() => openDataFolder(folder, false)).toThrow(`in use by another Postern (process ${process.pid})`)
    expect(() => openDataFolder(folder, true)).toThrow(/in use/)
    first.release()
    openDataFolder(folder, false).release()
  })

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1, startedAt: '1' }],
    ['a process whose number somebody else has now', { pid: process.pid, startedAt: 'long ago' }],
  ])('takes over the lock of %s', (_name, holder) => {
    openDataFolder(folder, false).release()
    write('lock', JSON.stringify(holder))
    openDataFolder(folder, false).release()
  })

  it('takes over a lock that cannot be read', () => {
    openDataFolder(folder, false).release()
    write('lock', '{')
    openDataFolder(folder, false).release()
  })

  it('says in one sentence that the folder is a file', () => {
    writeFileSync(join(root, 'file'), '')
    expect(() => openDataFolder(join(root, 'file'), false)).toThrow(
      /is a file: set POSTERN_DATA to a folder\.$/,
    )
  })

  it('says in one sentence that the folder cannot be written', () => {
    expect(() => openDataFolder('/proc/postern', false)).toThrow(
      /cannot be written \(E\w+\): set POSTERN_DATA/,
    )
  })

  it.each(['{', '{"format":99}'])('says in one sentence that the state is not usable: %s', (text) => {
    openDataFolder(folder, false).release()
    write('postern.json', text)
    expect(() => openDataFolder(folder, false)).toThrow(/begin anew with `npm start -- --fresh`\.$/)
    openDataFolder(folder, true).release()
    openDataFolder(folder, false).release()
  })
})

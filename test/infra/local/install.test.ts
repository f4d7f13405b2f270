import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let project: string

/** A project of one package, with an `npm` that only notes that it was called. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'postern-install-'))
  mkdirSync(join(project, 'infra/local'), { recursive: true })
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
  copyFileSync(
    new URL('../../../infra/local/install.mjs', import.meta.url),
    join(project, 'infra/local/install.mjs'),
  )
  symlinkSync(process.execPath, join(project, 'node_modules/.bin/node'))
  writeFileSync(
    join(project, 'npm.cjs'),
    `require('node:fs').writeFileSync(${JSON.stringify(join(project, 'called'))}, process.argv.slice(2).join(' '))
     process.exit(Number(process.env.NPM_EXIT ?? 0))`,
  )
  lock('package-lock.json', '1.0.0', 1000)
})
afterEach(() => rmSync(project, { recursive: true }))

function lock(file: string, version: string, seconds: number) {
  const packages = {
    '': {},
    'node_modules/a': { version },
    'node_modules/b': { version: '1.0.0', optional: true },
  }
  writeFileSync(join(project, file), JSON.stringify({ packages }))
  utimesSync(join(project, file), seconds, seconds)
}

function install(environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, 'infra/local/install.mjs')], {
    env: { npm_execpath: join(project, 'npm.cjs'), HOME: '', ...environment },
    encoding: 'utf8',
  })
  return { status, stdout, stderr, hasCalledNpm: existsSync(join(project, 'called')) }
}

const quiet = { status: 0, stdout: '', stderr: '', hasCalledNpm: false }

it('does nothing, silently, when everything is installed', () => {
  lock('node_modules/.package-lock.json', '1.0.0', 2000)
  expect(install()).toEqual(quiet)
})

it('installs when nothing is, with one line about it', () => {
  const { status, stdout, stderr, hasCalledNpm } = install()
  expect({ status, stderr, hasCalledNpm }).toEqual({ status: 0, stderr: '', hasCalledNpm: true })
  expect(stdout.trimEnd().split('\n').length).toBe(1)
})

it('installs when the lockfile names another version than is installed', () => {
  lock('node_modules/.package-lock.json', '0.9.0', 500)
  expect(install().hasCalledNpm).toBe(true)
})

it('installs nothing when the lockfile was only touched', () => {
  lock('node_modules/.package-lock.json', '1.0.0', 500)
  expect(install()).toEqual(quiet)
})

it('never lets npm loose on packages that other projects share by a link', () => {
  renameSync(join(project, 'node_modules'), join(project, 'shared'))
  symlinkSync(join(project, 'shared'), join(project, 'node_modules'))
  const { status, stderr, hasCalledNpm } = install()
  expect({ status, hasCalledNpm }).toEqual({ status: 1, hasCalledNpm: false })
  expect(stderr).toMatch(/node_modules is a link/)
})

it('ends with an error when npm does', () => {
  expect(install({ NPM_EXIT: '1' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/cannot be installed/),
  })
})

it('says how to get Node when the one that would run is too old', () => {
  lock('node_modules/.package-lock.json', '1.0.0', 2000)
  rmSync(join(project, 'node_modules/.bin/node'))
  writeFileSync(join(project, 'node_modules/.bin/node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 })
  const { status, stderr } = install()
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Postern needs Node 24 or newer and would run with v20\.1\.0: get it from .*\n$/)
})

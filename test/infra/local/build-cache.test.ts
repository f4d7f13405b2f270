import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtOnce, projectRoot } from '../../../infra/local/build-cache.ts'

let root: string
let made: number
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-builds-'))
  mkdirSync(join(root, 'source/deep'), { recursive: true })
  mkdirSync(join(root, 'cache'))
  writeFileSync(join(root, 'source/deep/a.ts'), 'one')
  made = 0
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const build = (options: unknown = {}, name = 'x') =>
  builtOnce(
    join(root, 'cache'),
    name,
    { sources: [relative(projectRoot, join(root, 'source'))], options },
    async (folder) => {
      made += 1
      const text = readFileSync(join(root, 'source/deep/a.ts'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      writeFileSync(join(folder, 'result'), text)
    },
  )
const resultIn = (folder: string) => readFileSync(join(folder, 'result'), 'utf8')

describe('builtOnce', () => {
  it('makes again what a changed, new or removed source or another option concerns, and nothing else', async () => {
    const first = await build()
    expect(await build()).toBe(first)
    expect(made).toBe(1)
    writeFileSync(join(root, 'source/deep/a.ts'), 'two')
    const changed = await build()
    expect([resultIn(first), resultIn(changed)]).toEqual(['one', 'two'])
    writeFileSync(join(root, 'source/b.ts'), '')
    const more = await build()
    rmSync(join(root, 'source/b.ts'))
    expect(await build()).toBe(changed)
    expect(new Set([first, changed, more, await build({ demo: true }), await build({}, 'y')]).size).toBe(5)
    expect(made).toBe(5)
  })

  it('is not that of the same project in another folder: it holds paths', async () => {
    const moved = join(root, 'moved/infra/local/build-cache.ts')
    mkdirSync(dirname(moved), { recursive: true })
    copyFileSync(join(projectRoot, 'infra/local/build-cache.ts'), moved)
    const there: typeof import('../../../infra/local/build-cache.ts') = await import(moved)
    const [one, other] = await Promise.all(
      [builtOnce, there.builtOnce].map((once) =>
        once(join(root, 'cache'), 'x', { sources: [], options: {} }, async () => {}),
      ),
    )
    expect(there.projectRoot).toBe(join(root, 'moved'))
    expect(one).not.toBe(other)
  })

  it('is whole for each of several that make it at once', async () => {
    const folders = await Promise.all(Array.from({ length: 5 }, () => build()))
    expect(new Set(folders).size).toBe(1)
    expect(folders.map(resultIn)).toEqual(Array(5).fill('one'))
    expect(readdirSync(join(root, 'cache')).length).toBe(1)
  })

  it('leaves nothing of a build that failed', async () => {
    const broken = async () => {
      throw new Error('broken')
    }
    const failing = builtOnce(join(root, 'cache'), 'x', { sources: [], options: {} }, broken)
    await expect(failing).rejects.toThrow('broken')
    expect(readdirSync(join(root, 'cache'))).toEqual([])
  })

  it('forgets a build that nobody started from for a week', async () => {
    const old = await build()
    const recent = await build({ recent: true })
    const at = (days: number) => new Date(Date.now() - days * 86_400_000)
    utimesSync(old, at(8), at(8))
    utimesSync(recent, at(6), at(6))
    await build({ next: true })
    expect([existsSync(old), existsSync(recent)]).toEqual([false, true])
  })
})

import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { resetFactors } from '../../lib/factors/change-factors.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { passwordWrite } from '../../lib/users/new-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import type { FactorScene } from './factor-scene.ts'
import { factorScene } from './factor-scene.ts'

let scene: FactorScene
let owner: Caller
let token: string
let name: string
let users = 0
beforeAll(async () => {
  scene = await factorScene()
})
beforeEach(async () => {
  users += 1
  name = `owner-${users}`
  ;({ caller: owner, token } = await scene.make({ username: name }))
})

const refused = (code: string | undefined, address?: string) =>
  refusalCode(scene.logIn(name, code === undefined ? {} : { code }, address))
const nextStep = () => {
  scene.clock.milliseconds += 30_000
}
const admitted = { tokenType: 'Bearer' }

describe('a login with a second factor', () => {
  it('S2: takes the code of an app once, whatever comes between, and never an earlier one', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const code = app.code()
    await expect(scene.logIn(name, { code: ` ${code.slice(0, 3)} ${code.slice(3)}` })).resolves.toMatchObject(
      admitted,
    )
    expect(await refused(code)).toBe('second_factor_required')
    // A replay counts as a wrong guess.
    expect(scene.refused.at(-1)).toBe('wrong_second_factor')
    expect(await refused(app.code(-1))).toBe('second_factor_required')
    nextStep()
    expect(await refused(code)).toBe('second_factor_required')
    await expect(scene.logIn(name, { code: app.code() })).resolves.toMatchObject(admitted)
    const [app1] = (await scene.dependencies.readFactors(owner.subject.userId))?.factors ?? []
    expect(app1?.lastUsedAt).toBe(new Date(scene.clock.milliseconds).toISOString())
  })

  it('takes one code in one of five logins at once', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const code = app.code()
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => refused(code)))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'second_factor_required']))
  })

  it('takes each recovery code once, however it is typed, and tells the user and the audit', async () => {
    const { recoveryCodes: [first = '', second = ''] = [] } = await scene.enrollApp(owner)
    await expect(
      scene.logIn(name, { code: first.toLowerCase().replaceAll('-', ' ') }),
    ).resolves.toMatchObject(admitted)
    expect(await refused(first)).toBe('second_factor_required')
    await expect(scene.logIn(name, { code: second })).resolves.toMatchObject(admitted)
    const { userId } = owner.subject
    expect((await scene.dependencies.readFactors(userId))?.recoveryCodes).toHaveLength(8)
    expect(await scene.rowsOf('recovery-code.used', userId)).toHaveLength(2)
    expect(await scene.noticesTo(userId)).toEqual(
      expect.arrayContaining(['recovery-code-used', 'recovery-code-used']),
    )
  })

  it('takes one recovery code in one of two logins at once', async () => {
    const { recoveryCodes: [code = ''] = [] } = await scene.enrollApp(owner)
    const outcomes = await Promise.all([refused(code), refused(code)])
    expect(outcomes.toSorted()).toEqual(['ok', 'second_factor_required'])
  })

  it('S3: counts a wrong code like a wrong password, and no right password resets the count', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const wrong = String((Number(app.code()) + 1) % 1_000_000).padStart(6, '0')
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await refused(undefined)).toBe('second_factor_required')
      expect(await refused(wrong)).toBe('second_factor_required')
    }
    expect(scene.refused.filter((reason) => reason === 'wrong_second_factor').length).toBeGreaterThanOrEqual(
      10,
    )
    // Full: neither the right code nor the right password alone is told here, and the owner passes from elsewhere.
    expect(await refused(app.code())).toBe('too_many_requests')
    expect(await refused(undefined)).toBe('too_many_requests')
    await expect(scene.logIn(name, { code: app.code() }, '198.51.100.9')).resolves.toMatchObject(admitted)
  })

  it('S3: counts wrong codes in a row on, whatever passwords are reset between, until a login succeeds', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const factors = { ...scene.dependencies.inARowLimits.factors, attempts: 4 }
    const inARowLimits = { ...scene.dependencies.inARowLimits, factors }
    const { userId } = owner.subject
    let sources = 0
    const logInAgain = async (passphrase: string, code: string) => {
      sources += 1
      const given = { username: name, password: passphrase, code }
      const from = scene.nextOrigin(`198.51.100.${sources}`)
      return await refusalCode(logIn({ ...scene.dependencies, inARowLimits }, given, from))
    }
    const wrong = String((Number(app.code()) + 1) % 1_000_000).padStart(6, '0')
    for (const reset of [1, 2]) {
      const passphrase = `the passphrase of reset ${reset}`
      scene.clock.milliseconds += 1
      const hash = await scene.dependencies.hasher.hash(passphrase as never)
      const at = new Date(scene.clock.milliseconds).toISOString()
      await scene.dependencies.write([passwordWrite(userId, hash, at)])
      for (const _ of [1, 2]) expect(await logInAgain(passphrase, wrong)).toBe('second_factor_required')
    }
    const last = 'the passphrase of reset 2'
    expect(await logInAgain(last, wrong)).toBe('too_many_requests')
    expect(await logInAgain(last, app.code())).toBe('too_many_requests')
    // An administrator who takes the factors away ends their count.
    await resetFactors(scene.dependencies, await scene.admin(), userId, origin)
    const next = await scene.enrollApp(await callerWith(scene.table, token))
    nextStep()
    expect(await logInAgain(last, next.code())).toBe('ok')
  })

  it('tells the administrators of a right password without a second factor', async () => {
    await scene.enrollApp(owner)
    scene.refused.length = 0
    expect(await refused(undefined)).toBe('second_factor_required')
    expect(scene.refused).toEqual(['second_factor_missing'])
  })

  it('tells nothing of the second factor to somebody without the password', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const guess = scene.logIn(name, { password: 'another passphrase', code: app.code() })
    expect(await refusalCode(guess)).toBe('invalid_credentials')
    // The code was not spent.
    await expect(scene.logIn(name, { code: app.code() })).resolves.toMatchObject(admitted)
  })

  it('stays after a new password: whoever reads the mailbox has one factor only', async () => {
    await scene.enrollApp(owner)
    const { userId } = owner.subject
    const hash = await scene.dependencies.hasher.hash('a wholly new passphrase' as never)
    await scene.dependencies.write([
      passwordWrite(userId, hash, new Date(scene.clock.milliseconds).toISOString()),
    ])
    const login = scene.logIn(name, { password: 'a wholly new passphrase' })
    expect(await refusalCode(login)).toBe('second_factor_required')
  })
})

describe("the organization's rule", () => {
  it('S1: closes the login to whom it demands a factor of, and to nobody else', async () => {
    await scene.make({ username: `manager-${users}`, permissions: { 'postern-users': 'read' } })
    const outcomes = async () => [
      await refusalCode(scene.logIn(name)),
      await refusalCode(scene.logIn(`manager-${users}`)),
    ]
    try {
      await scene.demand('managers')
      expect(await outcomes()).toEqual(['ok', 'second_factor_required'])
      await scene.demand('everybody')
      scene.refused.length = 0
      expect(await outcomes()).toEqual(['second_factor_required', 'second_factor_required'])
      expect(scene.refused).toEqual(['second_factor_missing', 'second_factor_missing'])
      const app = await scene.enrollApp(owner)
      nextStep()
      await expect(scene.logIn(name, { code: app.code() })).resolves.toMatchObject(admitted)
    } finally {
      await scene.demand('optional')
    }
    expect(await outcomes()).toEqual(['second_factor_required', 'ok'])
  })

  it('asks again for a factor after an administrator took it away', async () => {
    await scene.enrollApp(owner)
    const admin = await scene.admin()
    await resetFactors(scene.dependencies, admin, owner.subject.userId, origin)
    await expect(scene.logIn(name)).resolves.toMatchObject(admitted)
  })
})
